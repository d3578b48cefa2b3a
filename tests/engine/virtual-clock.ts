import { setTimeout as real } from 'node:timers/promises';
import type { Clock } from '../../src/engine/ports.ts';

export interface VirtualClock extends Clock {
  /** How far time has gone since the start, ms. */
  passed(): number;
  /** Since the machine was started: nobody can set it. */
  uptime(): number;
  /** The clock is set, forward or back: no time passes. */
  set(by: number): void;
  /** Time stands still while this is under way. */
  during<T>(work: Promise<T>): Promise<T>;
}

/**
 * A clock on which nobody sleeps for real: when everybody who runs has come to rest, it jumps to the next instant that
 * someone waits for. What happens over sockets takes no time on it, when it is told of that by `during`.
 */
export function virtualClock(start = 1_800_000_000_000): VirtualClock {
  let now = start;
  /** By how much it was set. */
  let wrong = 0;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const repeated = new Set<{ at: number; ms: number; work: () => void }>();
  let jumping = false;
  let underWay = 0;

  /** Waits until nobody has fallen asleep or woken for some milliseconds: a commit takes less. */
  const jump = async () => {
    jumping = true;
    while (sleepers.size > 0) {
      const before = [...sleepers];
      await real(3);
      if (underWay > 0 || before.length !== sleepers.size || before.some((one) => !sleepers.has(one)))
        continue;
      now = Math.max(now, Math.min(...before.map(({ at }) => at)));
      for (const one of repeated)
        while (one.at <= now) {
          one.at += one.ms;
          one.work();
        }
      for (const sleeper of before) if (sleeper.at <= now) sleeper.wake();
    }
    jumping = false;
  };

  return {
    now: () => now + wrong,
    uptime: () => now - start + 100_000,
    passed: () => now - start,
    set(by) {
      wrong += by;
    },
    during(work) {
      underWay += 1;
      return work.finally(() => {
        underWay -= 1;
      });
    },
    sleep(ms, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = {
          at: now + ms,
          wake() {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake);
        if (!jumping) void jump();
      });
    },
    every(ms, work) {
      const one = { at: now + ms, ms, work };
      repeated.add(one);
      return () => repeated.delete(one);
    },
  };
}
