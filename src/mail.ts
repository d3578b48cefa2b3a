/** The nouns of RFC 5321 and RFC 5322 that every room shares. A leaf: imports nothing. */

/** RFC 5322 §3.4 mailbox. `name` is '' when there is none; `address` is `local@domain`. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** RFC 5321 §2.3.1. `from` is the reverse-path ('' is the null path), `to` the one forward-path. */
export interface Envelope {
  readonly from: string;
  readonly to: string;
}

/** A stamped message, ready for the wire: one recipient, bytes fixed. */
export interface Message {
  readonly envelope: Envelope;
  /** With angle brackets, as in the header. */
  readonly messageId: string;
  /** RFC 5322 bytes with CRLF line ends, not dot-stuffed, in pieces; constant pieces may be shared. */
  readonly content: readonly Uint8Array[];
  /** Octets in `content`. */
  readonly size: number;
}

/** A server's reply: RFC 5321 code, RFC 3463 enhanced code ('5.1.1') or null, and its text on one line. */
export interface Reply {
  readonly code: number;
  readonly enhanced: string | null;
  readonly text: string;
}

/** Where in the exchange something happened. */
export type Stage =
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'
  | 'final';

/**
 * What became of one message.
 * - accepted: 2yz to the final dot. The server took responsibility, no more.
 * - rejected: 5yz to RCPT, DATA or the final dot: this reader's, for good.
 * - deferred, by cause:
 *   - `recipient`: 4yz to RCPT, DATA or the final dot; counts a try, backs off.
 *   - `connection`: lost before our stream ended, so no final dot can have been sent; queued again.
 *   - `relay`: greeting, EHLO or MAIL failed; no try is counted, the relay rests.
 *   - `configuration`: AUTH or TLS failed; no try is counted, the campaign pauses (exit 78).
 * - uncertain: lost without a reply after our stream ended (RFC 1047).
 */
export type Outcome =
  | { readonly kind: 'accepted'; readonly stage: 'final'; readonly reply: Reply }
  | { readonly kind: 'rejected'; readonly stage: Stage; readonly reply: Reply }
  | {
      readonly kind: 'deferred';
      readonly cause: 'recipient' | 'connection' | 'relay' | 'configuration';
      readonly stage: Stage;
      readonly reply: Reply | null;
      readonly reason: string;
    }
  | { readonly kind: 'uncertain'; readonly stage: Stage; readonly reason: string };
