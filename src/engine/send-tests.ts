import type { Message, Outcome } from '../mail.ts';
import { BadHeaderValue } from '../message/header-value.ts';
import type { Recipient } from '../message/prepare-messages.ts';
import type { Transport } from './ports.ts';

/** What became of one test message. */
export interface TestResult {
  readonly to: string;
  readonly outcome: Outcome['kind'];
  /** For deferred ones: whose fault it is. */
  readonly cause: 'recipient' | 'connection' | 'relay' | 'configuration' | null;
  /** The server's words, or why there are none. */
  readonly reply: string;
  /** Null: our own code refused the message. */
  readonly messageId: string | null;
}

/**
 * Sends test messages one after the other, through the same code as a delivery but without a ledger (invariant 7), and
 * gives each result as it comes. Ends early when the signal aborts, or the server refuses our login.
 */
export async function* sendTests(options: {
  readonly transport: Transport;
  stamp(to: Recipient, date: number): Message;
  readonly recipients: readonly Recipient[];
  now(): number;
  readonly signal: AbortSignal;
}): AsyncGenerator<TestResult> {
  for (const to of options.recipients) {
    if (options.signal.aborted) return;
    const message = stamped(options.stamp, to, options.now());
    if ('fault' in message) {
      yield { to: to.address, outcome: 'rejected', cause: null, reply: message.fault, messageId: null };
      continue;
    }
    const outcome = await options.transport.send(message, async () => true);
    if (outcome.kind === 'withheld') throw new Error('A test was withheld');
    const cause = outcome.kind === 'deferred' ? outcome.cause : null;
    yield {
      to: to.address,
      outcome: outcome.kind,
      cause,
      reply: wordsOf(outcome),
      messageId: message.messageId,
    };
    if (cause === 'configuration') return;
  }
}

function stamped(
  stamp: (to: Recipient, date: number) => Message,
  to: Recipient,
  date: number,
): Message | { readonly fault: string } {
  try {
    return stamp(to, date);
  } catch (error) {
    if (error instanceof BadHeaderValue) return { fault: error.message };
    throw error;
  }
}

function wordsOf(outcome: Outcome): string {
  if ('reply' in outcome && outcome.reply) return `${outcome.reply.code} ${outcome.reply.text}`;
  return 'reason' in outcome ? outcome.reason : '';
}
