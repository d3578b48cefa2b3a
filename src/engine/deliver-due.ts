import type { Delivery } from '../campaign/campaign.ts';
import type { Place } from '../campaign/pace.ts';
import { settle } from '../campaign/settle.ts';
import type { Message, Outcome } from '../mail.ts';
import type { DeliverOptions } from './deliver.ts';
import type { RelayHealth } from './relay-health.ts';

/** Why the campaign must pause. */
export interface Halt {
  readonly end: 'paused' | 'configuration';
  readonly reason: string;
}

/** Commands to a running campaign are looked for at least so often, ms. */
const LOOK = 1000;

/** Messages for each connection: one on the wire, and one stamped behind it, whose envelope goes along with it. */
const ABREAST = 2;

/**
 * Delivers what is due now: claim → stamp → send (its gate commits `sending`) → settle, on two lanes for each
 * connection of the transport. Ends when nothing is due and nothing is in flight, when the campaign no longer runs, when
 * the signal or `fatal` aborts, or with the reason to pause. What is in flight is always finished. A ledger that cannot
 * be written aborts `fatal`.
 */
export async function deliverDue(
  options: DeliverOptions,
  health: RelayHealth,
  fatal: AbortController,
): Promise<Halt | null> {
  const { ledger, campaignId, transport, clock, pace } = options;
  const stop = new AbortController();
  const stopped = AbortSignal.any([options.signal, fatal.signal, stop.signal]);
  let halt: Halt | null = null;
  let inFlight = 0;
  // Aborted, and renewed, when the last message in flight has ended: who waits for it need not sleep on.
  let quiet = new AbortController();

  const haltFor = (end: Halt['end'], reason: string) => {
    halt ??= { end, reason };
    stop.abort();
  };

  const stopUnlessRunning = async () => {
    if ((await ledger.campaign(campaignId))?.state !== 'running') stop.abort();
  };

  const pause = async (ms: number, signal: AbortSignal) => {
    await clock.sleep(Math.min(ms, LOOK), signal);
    await stopUnlessRunning();
  };

  const claimed: Delivery[] = [];
  let claiming: Promise<void> | null = null;
  const next = async (): Promise<Delivery | null> => {
    if (claimed.length === 0) {
      // One claim for all lanes that wait; several for each, since every claim is a commit.
      claiming ??= ledger
        .claim(campaignId, clock.now(), transport.connections * 4)
        .then((rows) => void claimed.push(...rows))
        .finally(() => {
          claiming = null;
        });
      await claiming;
    }
    return claimed.shift() ?? null;
  };

  const record = async (delivery: Delivery, outcome: Outcome) => {
    const now = clock.now();
    const ours = await ledger.settle(delivery, settle(delivery.tries, outcome, now, options.random()), now);
    if (ours) options.onSettled?.(delivery, outcome);
  };

  const one = async (delivery: Delivery, place: Place): Promise<void> => {
    const begun = clock.now();
    const date = delivery.date ?? begun;
    let message: Message;
    try {
      message = options.stamp(delivery, date);
    } catch (error) {
      const reply = { code: 0, enhanced: null, text: String((error as Error).message).slice(0, 300) };
      return record(delivery, { kind: 'rejected', stage: 'connect', reply });
    }
    let tooSoon = false;
    const outcome = await transport.send(message, async () => {
      const now = clock.now();
      // It has waited for a connection; meanwhile all was stopped, or the relay has failed and rests.
      tooSoon = stopped.aborted || health.restUntil() > now;
      if (tooSoon) return false;
      const sending = await ledger.markSending(delivery, date, now);
      if (sending) place.began(now);
      return sending;
    });
    if (outcome.kind === 'withheld') {
      // Nothing has happened to it, and it is still ours: it is the next, or given back at the end.
      if (tooSoon) claimed.unshift(delivery);
      // Suppressed, which the gate has recorded; or paused, then the row is given back at the end.
      else await stopUnlessRunning();
      return;
    }
    // Before anything is awaited: a message that waits for a connection must not begin with a relay that fails.
    let halting: [Halt['end'], string] | null = null;
    if (outcome.kind === 'deferred' && outcome.cause === 'configuration')
      halting = ['configuration', outcome.reason];
    // Uncertain too: a relay that drops every connection after the final dot must not burn the whole list.
    else if (outcome.kind === 'uncertain' || (outcome.kind === 'deferred' && outcome.cause !== 'recipient')) {
      if (health.failed(begun, clock.now())) halting = ['paused', `The mail server fails: ${outcome.reason}`];
    } else if (outcome.kind === 'deferred' || outcome.reply.code > 0) health.worked();
    if (halting) haltFor(...halting);
    await record(delivery, outcome);
  };

  const lane = async () => {
    while (!stopped.aborted) {
      const now = clock.now();
      // Taken before anything is awaited: two lanes must not both see the last free place.
      const place = health.restUntil() > now ? health.restUntil() : pace.take(now);
      if (typeof place === 'number') {
        await pause(place - now, stopped);
        continue;
      }
      try {
        const delivery = await next();
        if (delivery && !stopped.aborted) {
          inFlight += 1;
          await one(delivery, place).finally(() => {
            inFlight -= 1;
            if (inFlight > 0) return;
            quiet.abort();
            quiet = new AbortController();
          });
          continue;
        }
      } finally {
        place.giveBack();
      }
      if (inFlight === 0) return;
      // A message may wait ten minutes for its reply; what falls due meanwhile does not wait for it.
      await pause(LOOK, AbortSignal.any([stopped, quiet.signal]));
    }
  };

  await Promise.all(
    Array.from({ length: transport.connections * ABREAST }, () =>
      lane().catch((error) => fatal.abort(error)),
    ),
  );
  return halt;
}
