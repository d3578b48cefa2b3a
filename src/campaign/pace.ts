import type { Limits } from '../newsletter.ts';

/** Keeps all limits at once: at most N messages begin in any window of a second, minute, hour and day. */
export interface Pace {
  /** A place for one message, or the instant (ms, after `now`) at which to ask again. */
  take(now: number): Place | number;
}

/**
 * The right to begin one message. It is taken before the server is spoken to and used when content leaves: a slow
 * server must not bunch into one second what was allowed in three. To be used or given back.
 */
export interface Place {
  began(at: number): void;
  /** Nothing left the machine. Without effect once it has begun. */
  giveBack(): void;
}

const WINDOWS = [
  ['perSecond', 1000],
  ['perMinute', 60_000],
  ['perHour', 3_600_000],
  ['perDay', 86_400_000],
] as const;

/** When all places of a window are taken by messages that have not begun: they begin or fail soon. */
const SOON = 50;

/** `history`: when messages began in the last day, oldest first, from the ledger: limits hold across restarts. */
export function openPace(limits: Limits, history: readonly number[]): Pace {
  const windows = WINDOWS.flatMap(([name, length]) =>
    limits[name] === null ? [] : [{ most: limits[name], length }],
  );
  const keep = Math.max(0, ...windows.map(({ most }) => most));
  let times = keep === 0 ? [] : history.slice(-keep);
  // Taken and not yet begun: each may begin at any instant from now on, so it counts in every window.
  let taken = 0;
  return {
    take(now) {
      // The clock was set back: nothing can have begun later than now, and no one waits for a clock to catch up.
      if ((times.at(-1) ?? now) > now) times = times.map((at) => Math.min(at, now));
      let at = now;
      for (const { most, length } of windows) {
        const oldest = times[times.length - (most - taken)];
        if (taken >= most) at = Math.max(at, now + SOON);
        // The window is half open: a message `length` after the oldest is the first outside it.
        else if (oldest !== undefined) at = Math.max(at, oldest + length);
      }
      if (at > now) return at;
      taken += 1;
      let open = true;
      const close = () => {
        if (open) taken -= 1;
        open = false;
      };
      return {
        began(began) {
          close();
          if (keep === 0) return;
          // In order, also when the clock was set back meanwhile.
          times.push(Math.max(began, times.at(-1) ?? began));
          if (times.length > 2 * keep) times = times.slice(-keep);
        },
        giveBack: close,
      };
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
