import type { Limits } from '../newsletter.ts';

/** Keeps all limits at once: at most N messages in any window of a second, minute, hour and day. */
export interface Pace {
  /** The first instant (ms), not before `now`, at which one more message may begin. */
  next(now: number): number;
  /** Notes that a message began. */
  began(at: number): void;
}

const WINDOWS = [
  ['perSecond', 1000],
  ['perMinute', 60_000],
  ['perHour', 3_600_000],
  ['perDay', 86_400_000],
] as const;

/** `history`: when messages began in the last day, oldest first, from the ledger: limits hold across restarts. */
export function openPace(limits: Limits, history: readonly number[]): Pace {
  const active = WINDOWS.flatMap(([name, length]) =>
    limits[name] === null ? [] : [{ most: limits[name], length }],
  );
  const keep = Math.max(0, ...active.map(({ most }) => most));
  let times = history.slice(-keep || history.length);
  return {
    next(now) {
      let at = now;
      for (const { most, length } of active) {
        const oldest = times[times.length - most];
        // The window is half open: a message `length` after the oldest is the first outside it.
        if (times.length >= most && oldest !== undefined) at = Math.max(at, oldest + length);
      }
      return at;
    },
    began(at) {
      if (keep === 0) return;
      times.push(at);
      if (times.length > 2 * keep) times = times.slice(-keep);
    },
  };
}

/** About how many milliseconds `count` messages take under the limits, from nothing sent. */
export function paceTime(limits: Limits, count: number): number {
  return Math.max(
    0,
    ...WINDOWS.flatMap(([name, length]) =>
      limits[name] === null ? [] : [Math.floor((count - 1) / limits[name]) * length],
    ),
  );
}
