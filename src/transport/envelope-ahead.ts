import type { Happening } from './outcome.ts';

/**
 * Whether a server takes the next envelope along with the final dot, as RFC 2920 §3.1 allows. One that does not could
 * refuse the message for it, and a reader be rejected for our manners: so it is tried with one message, and only what
 * worked is gone on with.
 */
export interface EnvelopeAhead {
  /** May the next envelope go along now? */
  may(): boolean;
  /** What became of a message whose final dot had the next envelope with it. */
  ended(happening: Happening): Happening;
  /** Whether that next message was begun or refused in good order. */
  begun(inOrder: boolean): void;
}

/** Words for a protocol that was not kept: RFC 3463 §3.6, and how Exim and Postfix say it. */
const PROTOCOL = /^5\d\d[ -](?:5\.5\.\d|.*(?:synchroni[sz]ation|pipelin|protocol))/i;

export function openEnvelopeAhead(): EnvelopeAhead {
  let state: 'untried' | 'trying' | 'works' | 'never' = 'untried';
  return {
    may() {
      if (state === 'untried') state = 'trying';
      else return state === 'works';
      return true;
    },
    ended(happening) {
      if (state !== 'trying') return happening;
      if (happening.reply === null) state = 'never';
      else if (PROTOCOL.test(happening.reply)) {
        state = 'never';
        return { ...happening, reply: `451 ${happening.reply.slice(4)}` };
      }
      return happening;
    },
    begun(inOrder) {
      if (state === 'trying') state = inOrder ? 'works' : 'never';
    },
  };
}
