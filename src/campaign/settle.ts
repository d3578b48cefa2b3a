import { judgeReply, type ReplyClass } from '../judge-reply.ts';
import type { Outcome } from '../mail.ts';
import type { DeliveryState } from './campaign.ts';

/** What becomes of a delivery: written to its row as it is. */
export interface Transition {
  readonly to: DeliveryState;
  readonly tries: number;
  /** Milliseconds since 1970; when it is due again. */
  readonly dueAt: number;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string;
  /** The address itself is dead (5.1.1 and its like): it is suppressed on all lists, in the same transaction. */
  readonly bounced?: boolean;
}

/** A message is tried so often; the waits add up to 16 hours to three days (RFC 5321 §4.5.4.1 wants 4 to 5 days). */
export const MAX_TRIES = 10;

const MINUTE = 60_000;

/**
 * How long a 4yz waits, by its class, in minutes: the first time, doubled each time, at most the second. Greylisting
 * lets the next try after 5 pass (RFC 6647 §5 has it ask for 1 minute to 24 hours); a mailbox does not empty itself in
 * minutes; who is limited or disliked makes it worse by knocking. A lost connection says least about the reader.
 */
const WAITS: Readonly<Record<Exclude<ReplyClass, 'gone'> | 'connection', readonly [number, number]>> = {
  greylisted: [5, 240],
  'mailbox-full': [60, 720],
  'rate-limited': [10, 360],
  policy: [30, 720],
  other: [5, 720],
  connection: [0.5, 72],
};

/** No wait is longer, ms. */
export const LONGEST_WAIT = Math.max(...Object.values(WAITS).map(([, longest]) => longest)) * MINUTE;

/** ms until the next try after `tries`, less up to a quarter: ten thousand deferred at once must not come back at once. */
export function backoff(kind: keyof typeof WAITS, tries: number, random: number): number {
  const [first, longest] = WAITS[kind];
  const whole = Math.min(first * 2 ** Math.max(tries - 1, 0), longest) * MINUTE;
  return Math.round(whole * (1 - random / 4));
}

/**
 * The state machine: from what happened to a claimed or sending delivery to what becomes of its row (DESIGN:
 * Delivery). A relay's or our own configuration's failure is never counted against a reader. Pure.
 */
export function settle(tries: number, outcome: Outcome, now: number, random: number): Transition {
  const reply = 'reply' in outcome ? outcome.reply : null;
  const words = {
    code: reply?.code ?? null,
    enhanced: reply?.enhanced ?? null,
    reply: reply?.text ?? ('reason' in outcome ? outcome.reason : ''),
  };
  switch (outcome.kind) {
    case 'accepted':
      return { to: 'accepted', tries: tries + 1, dueAt: now, ...words };
    case 'rejected':
      return {
        to: 'rejected',
        tries: tries + 1,
        dueAt: now,
        ...words,
        bounced: judgeReply(outcome.reply) === 'gone',
      };
    case 'uncertain':
      return { to: 'uncertain', tries: tries + 1, dueAt: now, ...words };
    case 'deferred': {
      if (outcome.cause === 'relay' || outcome.cause === 'configuration')
        return { to: 'queued', tries, dueAt: now, ...words };
      const next = tries + 1;
      if (next >= MAX_TRIES) return { to: 'rejected', tries: next, dueAt: now, ...words };
      const said = reply ? judgeReply(reply) : 'other';
      const kind = outcome.cause === 'connection' ? 'connection' : said === 'gone' ? 'other' : said;
      const wait = backoff(kind, next, random);
      return { to: 'queued', tries: next, dueAt: now + wait, ...words };
    }
  }
}

/** What becomes of a row whose sender died: nothing had left before `sending`, anything may have after (RFC 1047). */
export function orphaned(state: 'claimed' | 'sending'): 'queued' | 'uncertain' {
  return state === 'claimed' ? 'queued' : 'uncertain';
}
