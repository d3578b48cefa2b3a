import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../engine/ports.ts';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
  every(ms, work) {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
};
