/** What was looked at; rules of mailbox providers point at these. */
export type CheckName =
  | 'config'
  | 'secrets'
  | 'smtp'
  | 'tls'
  | 'size'
  | 'spf'
  | 'dkim'
  | 'dmarc'
  | 'alignment'
  | 'mx'
  | 'ptr'
  | 'unsubscribe'
  | 'clock'
  | 'ledger'
  | 'complaints'
  | 'bounces';

/** fail: mail will be refused or fall into spam. advice: it could be better. unknown: it cannot be seen from here. */
export type Verdict = 'pass' | 'fail' | 'advice' | 'unknown';

/** One thing that was looked at. */
export interface Diagnosis {
  readonly check: CheckName;
  readonly verdict: Verdict;
  readonly says: string;
  /** What to do; '' when it passes. */
  readonly mend: string;
  /** Where the rule stands. */
  readonly source: string;
}

/** Text from a server or DNS as it may be shown: one line, no control characters, cut. */
export function shown(text: string): string {
  const plain = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}
