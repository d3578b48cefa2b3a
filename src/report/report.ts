import type { Campaign, Counts, ReplyCount } from '../campaign/campaign.ts';

/** What became of one campaign, ready to be drawn. Holds no address: it may be shown around. Times in ms. */
export interface Report {
  readonly campaign: Pick<Campaign, 'slug' | 'list' | 'state' | 'reason' | 'createdAt'>;
  readonly counts: Counts;
  /** Queued ones that were tried already. */
  readonly deferred: number;
  /** When messages were accepted; null: none was. */
  readonly accepted: Timeline | null;
  /** From the first byte of content to the server's reply, of accepted ones; null: none was. */
  readonly latency: Latency | null;
  /** The domains with most readers, most first; the rest together, with `domain` null. */
  readonly domains: readonly DomainReport[];
  /** Last words to who was not accepted, most frequent first. */
  readonly replies: readonly ReplyCount[];
}

/** How many in each interval of `width`, from `from` on. */
export interface Timeline {
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
}

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly longest: number;
  /** How many up to each time, of about a twentieth each, for drawing. */
  readonly bins: readonly { readonly upTo: number; readonly count: number }[];
}

export interface DomainReport {
  readonly domain: string | null;
  readonly accepted: number;
  readonly deferred: number;
  readonly rejected: number;
  readonly uncertain: number;
  /** Not begun, or never to be. */
  readonly others: number;
  readonly latency: Pick<Latency, 'p50' | 'p99'> | null;
}
