import type { Counts, Delivery } from '../campaign/campaign.ts';
import type { Pace } from '../campaign/pace.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Message, Outcome } from '../mail.ts';
import { deliverDue } from './deliver-due.ts';
import type { Clock, Transport } from './ports.ts';
import { openRelayHealth } from './relay-health.ts';

export interface DeliverOptions {
  readonly ledger: Ledger;
  readonly campaignId: string;
  readonly transport: Transport;
  /** The message of a delivery, with this Date (ms). What it throws rejects that one delivery. */
  stamp(delivery: Delivery, date: number): Message;
  readonly pace: Pace;
  readonly clock: Clock;
  /** In [0, 1). */
  random(): number;
  /** Wait for deferred deliveries up to this instant, ms. */
  readonly until: number;
  readonly signal: AbortSignal;
  onSettled?(delivery: Delivery, outcome: Outcome): void;
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
 * Failure policy: a reader's own failure (4yz, 5yz) is settled by the state machine and never stops the others. A
 * relay's failure gives the row back untouched and rests all lanes; several in a row pause the campaign, and refused
 * login or TLS pauses it at once. `until` bounds the wait for deferred rows, never what is due. A ledger that cannot be
 * written throws LedgerError after what is in flight has ended: nothing more is sent.
 */
export async function deliver(options: DeliverOptions): Promise<DeliverReport> {
  const { ledger, campaignId, clock, signal } = options;
  const health = openRelayHealth();
  const fatal = new AbortController();
  await ledger.beat(clock.now());
  const stopBeating = clock.every(BEAT, () => {
    ledger.beat(clock.now()).catch((error) => fatal.abort(error));
  });
  try {
    for (;;) {
      await ledger.sweep(clock.now());
      // Throws when the counts do not add up to the audience (invariant 6).
      await ledger.counts(campaignId);
      const halt = await deliverDue(options, health, fatal);
      fatal.signal.throwIfAborted();
      await ledger.release(campaignId);
      if (halt) await ledger.setState(campaignId, 'paused', halt.reason);
      const campaign = await ledger.campaign(campaignId);
      const [counts, nextDue] = [await ledger.counts(campaignId), await ledger.nextDue(campaignId)];
      const report = (end: DeliverReport['end'], reason = '') => ({ end, reason, counts, nextDue });
      if (campaign?.state === 'cancelled') return report('cancelled', campaign.reason);
      if (halt) return report(halt.end, halt.reason);
      if (campaign?.state === 'paused') return report('paused', campaign.reason);
      if (counts.queued + counts.claimed + counts.sending === 0) {
        await ledger.setState(campaignId, 'finished', '');
        return report('finished');
      }
      if (signal.aborted) return report('interrupted');
      const now = clock.now();
      // Without a due row the rest is in flight in another process: looked at again in a second.
      const wakeAt = nextDue ?? now + SECOND;
      if (wakeAt > now && wakeAt > options.until) return report('waiting');
      await clock.sleep(Math.min(Math.max(wakeAt - now, 50), SECOND), signal);
    }
  } finally {
    stopBeating();
  }
}
