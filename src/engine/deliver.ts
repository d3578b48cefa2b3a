import type { Counts, Delivery } from '../campaign/campaign.ts';
import { LONGEST_WAIT, type Transition } from '../campaign/settle.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Message, Outcome } from '../mail.ts';
import type { Limits } from '../newsletter.ts';
import { deliverDue } from './deliver-due.ts';
import { openDomains } from './domains.ts';
import type { Memory } from './learn.ts';
import type { Clock, Relay } from './ports.ts';
import { openRelays } from './relays.ts';

export interface DeliverOptions {
  readonly ledger: Ledger;
  readonly campaignId: string;
  /** At least one. */
  readonly relays: readonly Relay[];
  /** What recipient domains are given. */
  readonly domains: Limits['domains'];
  /** The message of a delivery, with this Date (ms). What it throws rejects that one delivery. */
  stamp(delivery: Delivery, date: number): Message | Promise<Message>;
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  /** Wait for deferred deliveries up to this instant, ms. */
  readonly until: number;
  /** The run ends at once when limits let nothing begin before this instant, ms. */
  readonly end?: number;
  readonly signal: AbortSignal;
  onSettled?(delivery: Delivery, outcome: Outcome, attempt: Attempt): void;
  /** A relay is in trouble and the others take its share; null: it works again. */
  onRelay?(name: string, trouble: string | null): void;
}

/** One attempt that has ended, as it was recorded. */
export interface Attempt {
  readonly transition: Transition;
  /** Null: no message could be made. */
  readonly messageId: string | null;
  readonly relay: string;
  /** When it was recorded, ms since 1970. */
  readonly at: number;
  /** From the server's go-ahead, or where there was none from the first command, to the outcome; ms. */
  readonly took: number;
}

export interface DeliverReport {
  /** `waiting`: deliveries are due later. `paused`: by command, or because the relay refuses us. */
  readonly end: 'finished' | 'waiting' | 'paused' | 'cancelled' | 'interrupted' | 'configuration';
  readonly reason: string;
  readonly counts: Counts;
  readonly nextDue: number | null;
}

/** A sender tells so often that it lives, also while all lanes wait for slow replies. */
const BEAT = 30_000;
const SECOND = 1000;

/**
 * Delivers a recorded campaign until nothing is left, it is stopped, or the time is over.
 *
 * Failure policy, by who is to blame:
 *
 * - The reader: 4yz is tried again after a wait that grows, by its class (`settle.ts`); 5yz rejects; a dead address is
 *   suppressed with it. None of them holds up another reader.
 * - The reader's domain, which limits or dislikes what we send (4yz, 5.7.x several times in a row): the domain rests, for
 *   a minute to an hour, and claims leave its readers out. After the rest one message finds out whether it is over.
 * - Ourselves: policy refuses several in a row at more than one domain (a blocklist names our address, a quota is used
 *   up). The campaign pauses, and who was refused is queued again, three tries at most: nothing was wrong with them, 5yz
 *   says that nothing was delivered, and a person must mend the cause first. With several relays the one that is refused
 *   is left out, for that domain or, when there are more, for all; the others may not be listed. A lone refusal is that domain's own
 *   rule: the same bytes would get the same answer (RFC 5321 §4.2.1), so it stays rejected. Nobody is suppressed for it.
 * - The relay: the row is given back untouched, and the relay rests for a second to a minute while others take its share;
 *   one message at a time finds out whether it is back. Where no relay is left, the campaign pauses. Refused login or TLS
 *   puts a relay out for this run.
 *
 * `until` bounds the wait for what is put off, rows and domains, never what is due or waits for limits. A ledger that
 * cannot be written throws LedgerError after what is in flight has ended: nothing more is sent.
 */
export async function deliver(options: DeliverOptions): Promise<DeliverReport> {
  const { ledger, campaignId, clock, signal } = options;
  const memory: Memory = {
    relays: openRelays(options.relays, (name, trouble) => options.onRelay?.(name, trouble)),
    domains: openDomains(options.domains),
  };
  const fatal = new AbortController();
  await ledger.beat(clock.now());
  const stopBeating = clock.every(BEAT, () => {
    ledger.beat(clock.now()).catch((error) => fatal.abort(error));
  });
  try {
    // Throws when the counts do not add up to the audience (invariant 6).
    await ledger.counts(campaignId);
    for (;;) {
      await ledger.sweep(clock.now());
      // What was put off before the clock was set back by a day must not wait for it.
      await ledger.hasten(campaignId, clock.now(), clock.now() + LONGEST_WAIT);
      const stop = await deliverDue(options, memory, fatal);
      fatal.signal.throwIfAborted();
      await ledger.release(campaignId);
      const halt = stop?.end === 'over' ? null : stop;
      if (halt) await ledger.setState(campaignId, 'paused', halt.reason);
      const campaign = await ledger.campaign(campaignId);
      const now = clock.now();
      const counts = await ledger.counts(campaignId);
      const nextDue = stop?.end === 'over' ? stop.next : await nextOf(options, memory, now);
      const report = (end: DeliverReport['end'], reason = '') => ({ end, reason, counts, nextDue });
      if (campaign?.state === 'cancelled') return report('cancelled', campaign.reason);
      if (halt) return report(halt.end, halt.reason);
      if (campaign?.state === 'paused') return report('paused', campaign.reason);
      if (counts.queued + counts.claimed + counts.sending === 0) {
        await ledger.setState(campaignId, 'finished', '');
        return report('finished');
      }
      if (signal.aborted) return report('interrupted');
      // Without a due row the rest is in flight in another process: looked at again in a second.
      const wakeAt = nextDue ?? now + SECOND;
      if (stop || (wakeAt > now && wakeAt > options.until))
        return report('waiting', memory.relays.all.map(({ refusals }) => refusals.waiting()).find(Boolean));
      // Who else sends may die meanwhile: swept once a minute.
      await sleepUntil(Math.min(wakeAt, now + 60 * SECOND), options);
    }
  } finally {
    stopBeating();
  }
}

/**
 * Waits until an instant, whole seconds at least, so that who is due within one goes together; or until something has
 * changed: a command, or who is due first. Looks only for these meanwhile: to count a million rows every second of an
 * hour's rest would keep a machine busy.
 */
async function sleepUntil(at: number, { ledger, campaignId, clock, signal }: DeliverOptions): Promise<void> {
  const looked = async () =>
    JSON.stringify([(await ledger.campaign(campaignId))?.state, await ledger.nextDue(campaignId)]);
  const start = clock.now();
  const before = await looked();
  do {
    const now = clock.now();
    if (now < start) return;
    await clock.sleep(SECOND, signal);
  } while (clock.now() < at && !signal.aborted && (await looked()) === before);
}

/** When the next delivery may be tried: who is due while her domain rests waits for the end of its rest. */
async function nextOf({ ledger, campaignId }: DeliverOptions, { domains }: Memory, now: number) {
  const resting = domains.resting(now);
  const due = await ledger.nextDue(campaignId, resting.domains);
  if (resting.domains.length === 0) return due;
  const any = await ledger.nextDue(campaignId);
  if (any === null || any === due) return due;
  return Math.min(due ?? Infinity, Math.max(any, resting.until));
}
