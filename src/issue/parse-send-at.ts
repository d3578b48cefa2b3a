import { isDay } from './parse-date.ts';

/**
 * Reads a schedule: ISO 8601 with an offset, or local time and a named zone (`2026-12-01 09:00 Europe/Berlin`).
 * Gives what is wrong with it, or null. A time without a zone is refused: CI runs in UTC, its author does not.
 */
export function parseSendAt(text: string): { readonly fault: string | null } {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(.*)$/.exec(text);
  if (!match) return { fault: 'is not a date with a time' };
  const [, day, hour, minute, second, rest] = match;
  if (!isDay(day!) || Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59)
    return { fault: 'is no real date' };
  const zone = rest!.trim();
  if (zone === '') return { fault: 'has no time zone' };
  const offset = /^(?:Z|[+-](\d{2}):?(\d{2}))$/.exec(zone);
  if (offset && Number(offset[1] ?? 0) < 15 && Number(offset[2] ?? 0) < 60) return { fault: null };
  try {
    // A letter first: Intl takes offsets too, and these were looked at above.
    if (!/^[a-z]/i.test(zone)) throw new RangeError();
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return { fault: null };
  } catch {
    return { fault: `names a time zone, "${zone}", that does not exist` };
  }
}
