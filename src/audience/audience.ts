import type { Finding } from '../finding.ts';

/** An address with its fields on a list. */
export interface Subscriber {
  /** As it is mailed: A-label domain, local part as given (NFC). */
  readonly address: string;
  /** The identity: NFC, lower case, A-label domain. The rule never changes (DESIGN invariant 1). */
  readonly key: string;
  /** The CSV's other columns, `name` among them; values trimmed, NFC, without control characters. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A row of a list file: a subscriber or what is wrong with the row. */
export type ListRow =
  | { readonly subscriber: Subscriber; readonly line: number }
  | { readonly finding: Finding };

/** An address that must not be mailed. `list` null: on no list. `at` is an ISO instant. */
export interface Suppression {
  readonly key: string;
  readonly list: string | null;
  readonly reason: 'unsubscribed' | 'bounced' | 'complained' | 'manual' | 'left';
  readonly at: string;
}

/** Why somebody on the list is not mailed. */
export interface Exclusion {
  readonly address: string;
  readonly reason: 'duplicate' | 'already-mailed' | 'invalid' | Suppression['reason'];
  readonly line: number;
}
