import type { Counts } from '../campaign/campaign.ts';
import type { Outcome } from '../mail.ts';

/** How a delivery stands. Rates in messages a second, times in ms. */
export interface Reading {
  readonly total: number;
  /** Settled for good, whatever came of it. */
  readonly done: number;
  readonly accepted: number;
  /** Who waits to be tried again, of those that were tried by this run. */
  readonly deferred: number;
  readonly rejected: number;
  readonly uncertain: number;
  /** Over the last ten seconds, and since the start. */
  readonly rateNow: number;
  readonly rateMean: number;
  /** Up to three domains whose messages took a second and more lately, the slowest first. */
  readonly slowest: readonly { readonly domain: string; readonly took: number }[];
}

/** Adds up what is settled, as it happens. Instants in ms, of any clock that only goes forward. */
export interface Meter {
  settled(at: number, one: { id: number; address: string; kind: Outcome['kind']; took: number }): void;
  read(at: number): Reading;
}

/** What is "now", ms. */
const WINDOW = 10_000;
/** What is slow, ms. */
const SLOW = 1000;
/** A hostile list could name a new domain for each reader. */
const DOMAINS = 10_000;
/** How much of a domain's time is that of its last message: the last ten or so count. */
const NEWEST = 0.2;

export function openMeter(counts: Counts, start: number): Meter {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const before = total - counts.queued - counts.claimed - counts.sending;
  const { accepted, rejected, uncertain } = counts;
  const tally = { accepted, rejected, uncertain };
  const deferred = new Set<number>();
  const took = new Map<string, number>();
  /** Attempts that ended, by second. */
  const seconds = new Map<number, number>();
  let done = before;
  let attempts = 0;
  return {
    settled(at, { id, address, kind, took: ms }) {
      const second = Math.floor(at / 1000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
      for (const old of seconds.keys()) if (old * 1000 < at - 2 * WINDOW) seconds.delete(old);
      attempts += 1;
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      const known = took.get(domain);
      if (known !== undefined || took.size < DOMAINS)
        took.set(domain, known === undefined ? ms : known + (ms - known) * NEWEST);
      if (kind === 'deferred') return void deferred.add(id);
      deferred.delete(id);
      tally[kind] += 1;
      done += 1;
    },
    read(at) {
      const since = Math.max(start, at - WINDOW);
      // Whole seconds, of which the first may have begun before the window.
      const first = Math.floor(since / 1000);
      const recent = [...seconds].reduce((sum, [second, count]) => (second >= first ? sum + count : sum), 0);
      return {
        total,
        done,
        ...tally,
        deferred: deferred.size,
        rateNow: recent / Math.max((at - Math.max(first * 1000, start)) / 1000, 1),
        rateMean: attempts / Math.max((at - start) / 1000, 1),
        slowest: [...took]
          .filter(([, ms]) => ms >= SLOW)
          .sort(([, one], [, other]) => other - one)
          .slice(0, 3)
          .map(([domain, ms]) => ({ domain, took: ms })),
      };
    },
  };
}
