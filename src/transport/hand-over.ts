import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { Message } from '../mail.ts';

/** How far a message has got on its way into a connection. */
export interface HandOver {
  readonly stream: Readable;
  /** The gate was asked, so the delivery may be `sending` now. */
  asked(): boolean;
  /** The gate agreed, and content was given away. */
  begun(): boolean;
  /** All content was given away: a final dot may have been sent. */
  ended(): boolean;
  /** Stops it. Gives the gate's answer once it is known (null: never asked), or throws what the gate threw. */
  stop(): Promise<boolean | null>;
}

/**
 * The content as a stream that gives nothing away before the gate has agreed. It is first read when nodemailer takes
 * a reply to DATA as go-ahead; `reply` gives the last one: only a 354 is one (nodemailer is content with 250).
 */
export function handOver(
  message: Message,
  gate: () => Promise<boolean>,
  reply: () => string | false,
): HandOver {
  let stopped = false;
  let answer: Promise<boolean> | null = null;
  let begun = false;
  let ended = false;
  async function* content(): AsyncGenerator<Uint8Array> {
    // A reply that came along with the 354, unasked, is read in this turn and ends the exchange: then the gate stays
    // shut. Else it would be taken for the reply to the final dot.
    await turn();
    if (stopped || !String(reply()).startsWith('354'))
      throw new Error('The server did not ask for the content');
    answer = gate();
    if (!(await answer) || stopped) throw new Error('The message is withheld');
    begun = true;
    yield* message.content;
    ended = true;
  }
  const stream = Readable.from(content(), { objectMode: false });
  return {
    stream,
    asked: () => answer !== null,
    begun: () => begun,
    ended: () => ended,
    async stop() {
      stopped = true;
      stream.on('error', () => {}).destroy();
      return answer;
    },
  };
}
