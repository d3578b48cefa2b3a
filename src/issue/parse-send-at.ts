/**
 * Reads a schedule: ISO 8601 with an offset, or local time and a named zone (`2026-12-01 09:00 Europe/Berlin`).
 * Gives what is wrong with it, or null. A time without a zone is refused: CI runs in UTC, its author does not.
 */
export function parseSendAt(text: string): { readonly fault: string | null } {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d{1,9})?)?(.*)$/.exec(text);
  if (!match) return { fault: 'is not a date with a time' };
  const [, day, time, rest] = match;
  if (Number.isNaN(Date.parse(`${day}T${time}Z`))) return { fault: 'is no real date' };
  const zone = rest!.trim();
  if (zone === '') return { fault: 'has no time zone' };
  if (/^(Z|[+-]\d{2}:?\d{2})$/.test(zone)) return { fault: null };
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return { fault: null };
  } catch {
    return { fault: `names a time zone, "${zone}", that does not exist` };
  }
}
