/** What a message says that came to the mailbox for bounces. Nothing of it is believed yet. */
export interface Incoming {
  readonly kind: 'bounce' | 'complaint' | 'unsubscribe' | 'delay' | 'auto-reply' | 'letter' | 'unreadable';
  /** Addresses that it was sent to, and reverse-paths of the message it returns: one may hold our token. */
  readonly paths: readonly string[];
  /** Message-IDs of the returned message. */
  readonly messageIds: readonly string[];
  readonly failures: readonly Failure[];
  /** Who wrote it; '' when it does not say. */
  readonly from: string;
  /** What follows `unsubscribe` in the subject: a signed link, or nothing of use. */
  readonly unsubscribe: string;
}

/** One recipient that a report names. */
export interface Failure {
  /** Original-Recipient before Final-Recipient: the one that we wrote, whatever it was forwarded to. */
  readonly address: string;
  readonly severity: Severity;
  /** `5.1.1`, or ''. */
  readonly status: string;
  /** The other server's words, cut. */
  readonly diagnostic: string;
}

/** hard: this address takes no mail, now or ever. soft: it may. none: nothing failed, or not yet. */
export type Severity = 'hard' | 'soft' | 'none';
