import { settle } from '../campaign/settle.ts';
import type { Message, Outcome } from '../mail.ts';
import type { DeliverOptions } from './deliver.ts';
import { type Halt, learn, type Memory, refusalHalt } from './learn.ts';
import { openTurnstile } from './open-turnstile.ts';
import type { RelayState } from './relays.ts';
import { type Job, openSupply } from './supply.ts';

/** Why there is no going on. `over`: nothing may begin before the end of the run, but at `next`. */
export type Stop = Halt | { readonly end: 'over'; readonly next: number };

/** Commands to a running campaign are looked for at least so often, ms. */
const LOOK = 1000;

/**
 * Messages for each connection: one whose content goes, the next, whose envelope goes along with it, and one that is
 * stamped meanwhile. With two the next was often not ready, and cost a journey of its own: 155 messages a second instead
 * of 191 over 10 connections to a server 50 ms away, where one journey each allows 200.
 */
const ABREAST = 3;

/**
 * Delivers what is due now: claim → place → stamp → send (its gate commits `sending`) → settle, on three lanes for each
 * connection of each relay. Ends when nothing is due and nothing is in flight, when the campaign no longer runs, when
 * the signal or `fatal` aborts, or with the reason to stop. What is in flight is always finished. A ledger that cannot
 * be written aborts `fatal`.
 */
export async function deliverDue(
  options: DeliverOptions,
  memory: Memory,
  fatal: AbortController,
): Promise<Stop | null> {
  const { ledger, campaignId, clock, end = Infinity } = options;
  const { relays, domains } = memory;
  const stop = new AbortController();
  const stopped = AbortSignal.any([options.signal, fatal.signal, stop.signal]);
  const connections = relays.all.reduce((sum, { transport }) => sum + transport.connections, 0);
  const supply = openSupply(options, connections, relays, domains);
  let why: Stop | null = null;
  let lookedAt = clock.now();
  /** Lanes that send, or look for something to send. */
  let busy = 0;
  // Aborted when a message has ended: who waits for that need not sleep on. There is none while nobody waits: to abort
  // one takes 8 µs.
  let ended: AbortController | null = null;
  const untilEnded = () => {
    ended ??= new AbortController();
    return AbortSignal.any([stopped, ended.signal]);
  };

  const stopFor = (reason: Stop) => {
    why ??= reason;
    stop.abort();
  };

  const stopUnlessRunning = async () => {
    lookedAt = clock.now();
    if ((await ledger.campaign(campaignId))?.state !== 'running') stop.abort();
  };

  /** Sleeps until an instant or until the signal aborts, and looks for commands meanwhile. */
  const sleepUntil = async (at: number, signal: AbortSignal) => {
    await clock.sleep(Math.min(Math.max(at - clock.now(), 1), LOOK), signal);
    if (Math.abs(clock.now() - lookedAt) >= LOOK) await stopUnlessRunning();
  };

  /** Sleeps until `at`, before which nothing may begin; when that is after the end of the run, it is over. */
  const waitFor = async (at: number, nothingElse: boolean) => {
    if (at > end && nothingElse && busy === 0) stopFor({ end: 'over', next: at });
    else await sleepUntil(at, stopped);
  };

  // One by one on each connection, its outcome recorded before the next begins; with PIPELINING the next is announced
  // along with the one before, and both are recorded in one commit.
  const onWire = new Map(
    relays.all.map((relay) => {
      const { transport } = relay;
      return [relay, openTurnstile(() => transport.connections * (transport.pipelining ? ABREAST : 1))];
    }),
  );

  const earliest = (now: number) => Math.min(...relays.all.map((relay) => relay.readyAt(now)));

  const one = async (relay: RelayState, job: Job): Promise<void> => {
    const { delivery, domain, place } = job;
    const begun = clock.now();
    const date = delivery.date ?? begun;
    const record = async (outcome: Outcome, messageId: string | null, since: number) => {
      const now = clock.now();
      const transition = settle(delivery.tries, outcome, now, options.random());
      const ours = await ledger.settle(delivery, transition, now, place);
      const attempt = { transition, messageId, relay: relay.name, at: now, took: now - since };
      if (ours) options.onSettled?.(delivery, outcome, attempt);
    };
    let message: Message;
    try {
      message = await options.stamp(delivery, date);
    } catch (error) {
      domains.end(domain, clock.now());
      const reply = { code: 0, enhanced: null, text: String((error as Error).message).slice(0, 300) };
      return record({ kind: 'rejected', stage: 'connect', reply }, null, begun);
    }
    await onWire.get(relay)!.through(() => exchange(relay, job, message, begun, date, record));
  };

  const exchange = async (
    relay: RelayState,
    job: Job,
    message: Message,
    begun: number,
    date: number,
    record: (outcome: Outcome, messageId: string, since: number) => Promise<void>,
  ): Promise<void> => {
    const { delivery, domain, place } = job;
    // While it waited for a connection all was stopped, the relay has failed, or it is not wanted there.
    const unwanted = () =>
      stopped.aborted || relay.out() || relay.rests(clock.now()) || relays.isForOthers(relay, domain);
    let tooSoon = unwanted();
    if (tooSoon) return supply.putBack(job);
    let since = clock.now();
    const outcome = await relay.transport.send(message, async () => {
      const now = clock.now();
      since = now;
      tooSoon = unwanted();
      return !tooSoon && (await ledger.markSending(delivery, date, now, place));
    });
    if (outcome.kind === 'withheld' && tooSoon) return supply.putBack(job);
    domains.end(domain, clock.now());
    if (outcome.kind === 'withheld') {
      // Suppressed, which the gate has recorded; or paused, then the row is given back at the end.
      if (place !== null) await ledger.givePlaceBack(place);
      return stopUnlessRunning();
    }
    // Before anything is awaited: a message that waits for a connection must not begin with a relay that fails.
    const { halt, again } = learn(memory, relay, job, outcome, begun, clock.now());
    if (halt) stopFor(halt);
    await record(outcome, message.messageId, since);
    if (again.length > 0) await ledger.putBack(again, clock.now());
  };

  const lane = async (relay: RelayState) => {
    while (!stopped.aborted && !relay.out()) {
      const now = clock.now();
      const at = relay.readyAt(now);
      if (at > now || !relays.mayTake(relay, now)) {
        if (Number.isFinite(at) && at > now) await waitFor(at, earliest(now) >= at);
        // One that tries whether the relay works again, or whoever's turn it is, comes first.
        else await sleepUntil(Infinity, untilEnded());
        continue;
      }
      // Before anything is awaited: other lanes must see it.
      relays.took(relay);
      busy += 1;
      relay.inFlight += 1;
      let job: Job | number | null = null;
      try {
        job = await supply.next(relay);
        if (job !== null && typeof job === 'object') {
          if (stopped.aborted) await supply.putBack(job);
          else await one(relay, job);
        } else relays.tookNothing(relay);
      } finally {
        busy -= 1;
        relay.inFlight -= 1;
        if (job !== null && typeof job === 'object') {
          ended?.abort();
          ended = null;
        }
      }
      // The relay's own limits are looked at above, beside those of the others.
      if (typeof job === 'number') {
        if (relay.readyAt(clock.now()) <= clock.now()) await waitFor(job, true);
      } else if (job === null && busy === 0) {
        // Nothing else is left: its own domain's matter or not, a person must know.
        if (relays.all.every((one) => one.lost() || one.refusals.all())) stopFor(refusalHalt(relay));
        stop.abort();
      }
      // A message may wait ten minutes for its reply; what falls due meanwhile does not wait for it.
      else if (job === null) await sleepUntil(Infinity, untilEnded());
    }
  };

  const lanes = relays.all.flatMap((relay) =>
    Array.from({ length: relay.transport.connections * ABREAST }, () =>
      lane(relay).catch((error) => fatal.abort(error)),
    ),
  );
  await Promise.all(lanes);
  return why;
}
