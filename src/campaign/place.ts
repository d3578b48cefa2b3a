import type { Rate, RelayLimits } from '../newsletter.ts';

/** What a message needs before the server is spoken to: a place under the limits of its relay and of its domain. */
export interface PlaceAsk {
  readonly relay: string;
  readonly limits: RelayLimits;
  readonly domain: string;
  /** Null: the domain has none. */
  readonly domainLimits: Rate | null;
}

/**
 * The right to begin one message, by its number in the ledger; or what is full, and in how many ms to ask again. A place
 * counts in every window from the moment it is taken: its message may begin at any instant.
 */
export type PlaceAnswer =
  | { readonly place: number }
  | { readonly full: 'relay' | 'domain'; readonly wait: number };
