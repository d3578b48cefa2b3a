import type { Newsletter } from '../newsletter.ts';

/** Somebody to whom a link belongs. */
export interface SentTo {
  readonly list: string;
  readonly key: string;
  readonly address: string;
}

/** What the public server needs of the world. What throws is told to the reader as "try again"; nothing was changed. */
export interface WebPorts {
  readonly newsletter: Newsletter;
  /** The live secrets of links, the newest first. */
  readonly secrets: readonly string[];
  /** The delivery with this id; null: there is none. */
  delivery(id: number): Promise<SentTo | null>;
  /** Durable, and true for campaigns under way, when it resolves. */
  suppress(suppression: import('../audience/audience.ts').Suppression): Promise<void>;
  /** Does the ledger answer? Never throws. */
  ready(): Promise<boolean>;
  now(): number;
  /** A line for whoever runs the server; holds nothing personal. */
  log(line: string): void;
}
