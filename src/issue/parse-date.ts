/** Year first, as ISO 8601, YAML and Jekyll write it; 01-29-2025 exists in the wild and means nothing certain. */
const DATE =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[Tt ] ?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)? ?(Z|UTC|[+-]\d{1,2}(?::?\d{2})?)?)?$/;

/**
 * Reads an issue's date. Gives ISO 8601: the day (`2020-12-18`), or day and time with the offset as it was written
 * (`2020-12-18T10:00:00-08:00`; without one when none was written). Null: no date, or no day of the calendar.
 */
export function parseDate(text: string): string | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const [, year, month, date, hour, minute, second, zone] = match;
  const two = (digits: string) => digits.padStart(2, '0');
  const day = `${year}-${two(month!)}-${two(date!)}`;
  if (!isDay(day)) return null;
  if (hour === undefined) return day;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return null;
  const iso = `${day}T${two(hour)}:${minute}:${second ?? '00'}${offset(zone)}`;
  return Number.isNaN(Date.parse(iso)) ? null : iso;
}

/** Is `2021-02-31` a day of the calendar? Date.parse alone reads it as 3 March. */
export function isDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function offset(zone: string | undefined): string {
  if (zone === undefined) return '';
  if (zone === 'Z' || zone === 'UTC') return 'Z';
  const [hours, minutes] = zone.includes(':')
    ? zone.slice(1).split(':')
    : [zone.slice(1, zone.length > 3 ? -2 : undefined), zone.length > 3 ? zone.slice(-2) : '00'];
  return `${zone[0]}${hours!.padStart(2, '0')}:${minutes}`;
}
