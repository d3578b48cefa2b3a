import type { Rate, RelayLimits } from '../newsletter.ts';

/** At most so many messages may begin in any `length` ms. */
export interface Window {
  readonly most: number;
  readonly length: number;
}

const LENGTHS = [
  ['perSecond', 1000],
  ['perMinute', 60_000],
  ['perHour', 3_600_000],
  ['perDay', 86_400_000],
] as const;

export const DAY = 86_400_000;

/** The windows that a rate speaks of. */
export function windowsOf(rate: Rate): readonly Window[] {
  return LENGTHS.flatMap(([name, length]) => (rate[name] === null ? [] : [{ most: rate[name], length }]));
}

/**
 * The windows of a relay at `now`: the volume of today's day of its warm-up is one more limit of 24 hours. `since`: when
 * its first message began; null: none has.
 */
export function relayWindows(limits: RelayLimits, since: number | null, now: number): readonly Window[] {
  const volume = warmUpVolume(limits, since, now);
  const perDay = Math.min(limits.perDay ?? Infinity, volume ?? Infinity);
  return windowsOf({ ...limits, perDay: perDay === Infinity ? null : perDay });
}

/** Today's volume; null: there is no warm-up, or it is over. Before its first day the volume of that day counts. */
export function warmUpVolume({ warmUp }: RelayLimits, since: number | null, now: number): number | null {
  if (!warmUp) return null;
  const start = warmUp.from === null ? (since ?? now) : Date.parse(`${warmUp.from}T00:00Z`);
  return warmUp.days[Math.max(0, Math.floor((now - start) / DAY))] ?? null;
}
