import type { Ledger } from '../ledger/ledger.ts';
import type { Newsletter } from '../newsletter.ts';

/** What the public server needs of the ledger; each of them is one transaction or one look. */
export type WebLedger = Pick<
  Ledger,
  | 'delivery'
  | 'subscription'
  | 'subscriptionsOf'
  | 'memberships'
  | 'suppress'
  | 'setFields'
  | 'ask'
  | 'confirmation'
  | 'confirm'
  | 'dataOf'
  | 'erase'
  | 'campaigns'
  | 'campaign'
  | 'email'
  | 'counts'
>;

/** What the public server needs of the world. What throws is told to the reader as "try again"; nothing was changed. */
export interface WebPorts {
  readonly newsletter: Newsletter;
  /** The live secrets of links, the newest first. */
  readonly secrets: readonly string[];
  readonly ledger: WebLedger;
  /** Names of the lists that there are, in files and in the configuration. */
  lists(): Promise<readonly string[]>;
  /** Proxies whose word on who asks is taken, besides those on this machine: addresses or networks. */
  readonly trustedProxies: readonly string[];
  /** The address of the logo, https or data; null: the name is set in type. */
  readonly logo: string | null;
  /** A mail that asks to confirm is due. */
  mailDue(): void;
  /** Does the ledger answer, and are we not about to stop? Never throws. */
  ready(): Promise<boolean>;
  now(): number;
  /** A line for whoever runs the server; holds nothing personal. */
  log(line: string): void;
}
