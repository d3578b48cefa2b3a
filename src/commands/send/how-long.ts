import { paceTime } from '../../campaign/pace.ts';
import type { Limits } from '../../newsletter.ts';

/** About how many seconds `count` messages take, at least. 100 a second and connection is what a near server takes. */
export function howLong(limits: Limits, count: number): number {
  const atServer = (count / limits.connections) * 10;
  return Math.ceil(Math.max(paceTime(limits, Math.max(count, 1)), atServer) / 1000);
}

/** `about 40 s`, `about 3 min`. */
export function inWords(seconds: number): string {
  return seconds < 90 ? `about ${seconds} s` : `about ${Math.round(seconds / 60)} min`;
}
