import type { Delivery } from '../campaign/campaign.ts';
import type { Pace } from '../campaign/pace.ts';
import { settle } from '../campaign/settle.ts';
import type { Counts, Ledger } from '../ledger/ledger.ts';
import type { Message, Outcome } from '../mail.ts';
import type { Clock, Transport } from './ports.ts';

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

/** So many failures of the relay in a row, and the campaign pauses instead of knocking for ever. */
const PATIENCE = 6;
const BEAT = 30_000;

/**
 * Delivers a recorded campaign until nothing is left, it is stopped, or the time is over:
 * claim → stamp → send (its gate commits `sending`) → settle, on as many lanes as the transport has connections.
 *
 * Failure policy: a reader's own failure (4yz, 5yz) is settled by the state machine and never stops the others. A
 * relay's failure gives the row back untouched and rests all lanes, 1 s doubled up to a minute; six in a row pause
 * the campaign. Refused login or TLS pauses it at once. A ledger that cannot be written throws, and every lane stops.
 */
export async function deliver(options: DeliverOptions): Promise<DeliverReport> {
  const { ledger, campaignId, transport, clock, pace, signal } = options;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let failures = 0;
  let restUntil = 0;
  let pause: { end: 'paused' | 'configuration'; reason: string } | null = null;
  let broken: unknown = null;
  let lastBeat = clock.now();

  await ledger.beat(lastBeat);
  await ledger.sweep(clock.now());
  await ledger.counts(campaignId);

  const buffer: Delivery[] = [];
  let filling: Promise<void> | null = null;
  const next = async (): Promise<Delivery | null> => {
    while (buffer.length === 0) {
      filling ??= ledger.claim(campaignId, clock.now(), transport.connections * 4).then((rows) => {
        buffer.push(...rows);
        filling = null;
      });
      const current = filling;
      await current;
      if (buffer.length === 0 && filling === null) return null;
    }
    return buffer.shift()!;
  };

  const beat = async () => {
    if (clock.now() - lastBeat < BEAT) return;
    lastBeat = clock.now();
    await ledger.beat(lastBeat);
  };

  const one = async (delivery: Delivery): Promise<void> => {
    const date = delivery.date ?? clock.now();
    let message: Message;
    try {
      message = options.stamp(delivery, date);
    } catch (error) {
      const reply = { code: 0, enhanced: null, text: (error as Error).message.slice(0, 300) };
      await record(delivery, { kind: 'rejected', stage: 'connect', reply });
      return;
    }
    const outcome = await transport.send(message, () => ledger.markSending(delivery, date, clock.now()));
    // Withheld: the gate has already recorded why, or the campaign was paused and the row goes back at the end.
    if (outcome.kind === 'withheld') return;
    await record(delivery, outcome);
    if (outcome.kind !== 'deferred' || outcome.cause === 'recipient') failures = 0;
    else if (outcome.cause === 'configuration') halt('configuration', outcome.reason);
    else {
      failures += 1;
      restUntil = Math.max(restUntil, clock.now() + Math.min(1000 * 2 ** (failures - 1), 60_000));
      if (failures >= PATIENCE) halt('paused', `The mail server fails: ${outcome.reason}`);
    }
  };

  const record = async (delivery: Delivery, outcome: Outcome) => {
    const now = clock.now();
    await ledger.settle(delivery, settle(delivery.tries, outcome, now, options.random()), now);
    options.onSettled?.(delivery, outcome);
  };

  const halt = (end: 'paused' | 'configuration', reason: string) => {
    pause ??= { end, reason };
    stop.abort();
  };

  const lane = async () => {
    while (!either.aborted) {
      await beat();
      const wait = Math.max(restUntil, pace.next(clock.now())) - clock.now();
      if (wait > 0) {
        await clock.sleep(Math.min(wait, 1000), either);
        continue;
      }
      // Taken before anything is awaited: two lanes must not both see the last free place.
      pace.began(clock.now());
      const delivery = await next();
      if (!delivery) return;
      if (either.aborted) return;
      await one(delivery);
    }
  };

  for (;;) {
    const lanes = Array.from({ length: transport.connections }, () =>
      lane().catch((error: unknown) => {
        broken ??= error;
        stop.abort();
      }),
    );
    await Promise.all(lanes);
    if (broken) throw broken;
    buffer.length = 0;
    await ledger.release(campaignId);
    const [campaign] = (await ledger.campaigns()).filter(({ id }) => id === campaignId);
    const counts = await ledger.counts(campaignId);
    const nextDue = await ledger.nextDue(campaignId);
    const report = (end: DeliverReport['end'], reason = ''): DeliverReport => ({
      end,
      reason,
      counts,
      nextDue,
    });
    const halted = pause as { end: 'paused' | 'configuration'; reason: string } | null;
    if (halted) {
      await ledger.setState(campaignId, 'paused', halted.reason);
      return report(halted.end, halted.reason);
    }
    if (campaign?.state === 'cancelled') return report('cancelled');
    if (campaign?.state === 'paused') return report('paused', campaign.reason);
    if (signal.aborted) return report('interrupted');
    if (counts.queued + counts.claimed + counts.sending === 0) {
      await ledger.setState(campaignId, 'finished', '');
      return report('finished');
    }
    const wakeAt = nextDue ?? clock.now() + 1000;
    if (Math.max(wakeAt, clock.now()) > options.until) return report('waiting');
    // Others' rows may be in flight, or rows are deferred: look again when the next is due, and at commands each second.
    await clock.sleep(Math.min(Math.max(wakeAt - clock.now(), 50), 1000), signal);
    await beat();
    await ledger.sweep(clock.now());
  }
}
