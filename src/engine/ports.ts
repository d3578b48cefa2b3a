import type { Message, Outcome } from '../mail.ts';
import type { RelayLimits } from '../newsletter.ts';

/** What delivery needs of a mail server. `send` never throws for the network's or the server's faults. */
export interface Transport {
  readonly connections: number;
  /** The server lets the next message be announced along with the one before: more may be sent than connections are. */
  readonly pipelining: boolean;
  /**
   * Sends one message. `gate` is called at most once, after the server's 354 and before any byte of content: false
   * withholds the message; what it throws is thrown on, with nothing sent.
   */
  send(message: Message, gate: () => Promise<boolean>): Promise<Outcome | { readonly kind: 'withheld' }>;
  close(): Promise<void>;
}

/** A mail server that messages may be handed to. */
export interface Relay {
  /** What the ledger counts its messages by. */
  readonly name: string;
  readonly transport: Transport;
  /** Its share beside the others; null: whoever is free takes the next message. */
  readonly weight: number | null;
  readonly limits: RelayLimits;
}

/** Time, as something that is handed in. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Runs `work` every `ms` until the returned function is called. */
  every(ms: number, work: () => void): () => void;
}
