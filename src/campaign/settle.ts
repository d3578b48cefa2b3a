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
}

/** A message is tried so often; the waits between add up to about two days (RFC 5321 §4.5.4.1 wants 4 to 5 days). */
export const MAX_TRIES = 10;

const MINUTE = 60_000;
const LONGEST = 12 * 60 * MINUTE;

/** Exponential backoff from 5 minutes, doubled each time, at most 12 hours, less up to a quarter. `random` in [0, 1). */
export function backoff(tries: number, random: number): number {
  const whole = Math.min(5 * MINUTE * 2 ** Math.max(tries - 1, 0), LONGEST);
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
      return { to: 'rejected', tries: tries + 1, dueAt: now, ...words };
    case 'uncertain':
      return { to: 'uncertain', tries: tries + 1, dueAt: now, ...words };
    case 'deferred': {
      if (outcome.cause === 'relay' || outcome.cause === 'configuration')
        return { to: 'queued', tries, dueAt: now, ...words };
      const next = tries + 1;
      if (next >= MAX_TRIES) return { to: 'rejected', tries: next, dueAt: now, ...words };
      // A lost connection says less about the reader than a 4yz: tried again ten times sooner, from 30 s on.
      const wait = backoff(next, random) / (outcome.cause === 'connection' ? 10 : 1);
      return { to: 'queued', tries: next, dueAt: now + Math.round(wait), ...words };
    }
  }
}

/** What becomes of a row whose sender died: nothing had left before `sending`, anything may have after (RFC 1047). */
export function orphaned(state: 'claimed' | 'sending'): 'queued' | 'uncertain' {
  return state === 'claimed' ? 'queued' : 'uncertain';
}
