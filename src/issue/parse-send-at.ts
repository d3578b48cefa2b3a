import { isDay } from './parse-date.ts';

/** When to send, in ms since 1970; `twice`: clocks go back then, so that it happens twice and the first is meant. */
export type SendAt = { readonly at: number; readonly twice: boolean } | { readonly fault: string };

/**
 * Reads a schedule: ISO 8601 with an offset, or local time and a named zone (`2026-12-01 09:00 Europe/Berlin`).
 * Gives the instant, or what is wrong. A time without a zone is refused: CI runs in UTC, its author does not. So is one
 * that clocks skip; of one that happens twice the first is taken (RFC 5545 §3.3.5).
 */
export function parseSendAt(text: string): SendAt {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(.*)$/.exec(text);
  if (!match) return { fault: 'is not a date with a time' };
  const [, day, hour, minute, second = '00', rest] = match;
  if (!isDay(day!) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return { fault: 'is no real date' };
  const local = Date.parse(`${day}T${hour}:${minute}:${second}Z`);
  const zone = rest!.trim();
  if (zone === '') return { fault: 'has no time zone' };
  const offset = /^(?:Z|([+-])(\d{2}):?(\d{2}))$/.exec(zone);
  if (offset && Number(offset[2] ?? 0) < 15 && Number(offset[3] ?? 0) < 60) {
    const minutes = Number(offset[2] ?? 0) * 60 + Number(offset[3] ?? 0);
    return { at: local - (offset[1] === '-' ? -1 : 1) * minutes * 60_000, twice: false };
  }
  const clock = clockOf(zone);
  if (!clock) return { fault: `names a time zone, "${zone}", that does not exist` };
  const [first, again] = instantsOf(local, clock);
  if (first === undefined) return { fault: `does not exist: clocks in ${zone} are put forward over it` };
  return { at: first, twice: again !== undefined };
}

/** What the clocks of a zone show at an instant, as if it were UTC. */
type Clock = (at: number) => number;

/** Null: there is no such zone. */
function clockOf(zone: string): Clock | null {
  // A letter first: Intl takes offsets too, and these were looked at above.
  if (!/^[a-z]/i.test(zone)) return null;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch {
    return null;
  }
  return (at) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = `${part.year!.padStart(4, '0')}-${part.month}-${part.day}`;
    return Date.parse(`${day}T${part.hour}:${part.minute}:${part.second}Z`);
  };
}

/** The instants, none to two, at which clocks show `local`. They were put forward or back within a day and a half. */
function instantsOf(local: number, clock: Clock): number[] {
  const around = [-36, -18, 0, 18, 36].map((hours) => local + hours * 3_600_000);
  const candidates = new Set(around.map((at) => local - (clock(at) - at)));
  return [...candidates].filter((at) => clock(at) === local).sort((a, b) => a - b);
}
