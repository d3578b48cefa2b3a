import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSendAt } from '../../src/issue/parse-send-at.ts';

const utc = (text: string) => {
  const read = parseSendAt(text);
  return 'fault' in read ? read.fault : new Date(read.at).toISOString() + (read.twice ? ' twice' : '');
};

describe('an instant', () => {
  test.each([
    ['2026-12-01T09:00Z', '2026-12-01T09:00:00.000Z'],
    ['2026-12-01T09:00:30.25Z', '2026-12-01T09:00:30.000Z'],
    ['2026-12-01T09:00+01:00', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01 09:00 +0530', '2026-12-01T03:30:00.000Z'],
    ['2026-12-01 09:00-03:30', '2026-12-01T12:30:00.000Z'],
    ['2026-12-01 09:00 Europe/Berlin', '2026-12-01T08:00:00.000Z'],
    ['2026-07-01 09:00 Europe/Berlin', '2026-07-01T07:00:00.000Z'],
    ['2026-07-01 00:00 america/new_york', '2026-07-01T04:00:00.000Z'],
    ['2026-12-01 09:00 Asia/Kathmandu', '2026-12-01T03:15:00.000Z'],
    ['2026-12-01 09:00 UTC', '2026-12-01T09:00:00.000Z'],
    // The day after the change: an hour less of night, and nobody's mail is an hour off.
    ['2026-03-29 09:00 Europe/Berlin', '2026-03-29T07:00:00.000Z'],
    ['2026-10-25 09:00 Europe/Berlin', '2026-10-25T08:00:00.000Z'],
    // Half an hour only.
    ['2026-10-04 03:00 Australia/Lord_Howe', '2026-10-03T16:00:00.000Z'],
  ])('%s', (text, at) => expect(utc(text)).toBe(at));
});

describe('clocks that are put forward skip an hour: it is refused', () => {
  test.each([
    ['2026-03-29 02:30 Europe/Berlin', 'Europe/Berlin'],
    ['2026-03-29 02:00 Europe/Berlin', 'Europe/Berlin'],
    ['2026-03-08 02:59:59 America/New_York', 'America/New_York'],
    ['2026-10-04 02:15 Australia/Lord_Howe', 'Australia/Lord_Howe'],
    // The whole of that day was skipped, when the island crossed the date line.
    ['2011-12-30 12:00 Pacific/Apia', 'Pacific/Apia'],
  ])('%s', (text, zone) =>
    expect(utc(text)).toBe(`does not exist: clocks in ${zone} are put forward over it`),
  );

  test('to the second', () => {
    expect(utc('2026-03-29 01:59:59 Europe/Berlin')).toBe('2026-03-29T00:59:59.000Z');
    expect(utc('2026-03-29 03:00 Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z');
  });
});

describe('clocks that are put back show an hour twice: the first is taken', () => {
  test.each([
    ['2026-10-25 02:30 Europe/Berlin', '2026-10-25T00:30:00.000Z twice'],
    ['2026-11-01 01:00 America/New_York', '2026-11-01T05:00:00.000Z twice'],
    ['2026-04-05 01:45 Australia/Lord_Howe', '2026-04-04T14:45:00.000Z twice'],
    ['2026-10-25T02:30+01:00', '2026-10-25T01:30:00.000Z'],
    ['2026-10-25 03:00 Europe/Berlin', '2026-10-25T02:00:00.000Z'],
  ])('%s', (text, at) => expect(utc(text)).toBe(at));
});

const instant = fc
  .integer({ min: Date.UTC(1975, 0, 1) / 60_000, max: Date.UTC(2050, 0, 1) / 60_000 })
  .map((minutes) => minutes * 60_000);
const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));

test('what the clocks of any zone show is read as the instant at which they show it', () => {
  fc.assert(
    fc.property(instant, zone, (at, name) => {
      const shown = new Date(at).toLocaleString('sv', { timeZone: name });
      const read = parseSendAt(`${shown} ${name}`);
      if ('fault' in read) throw new Error(`${shown} ${name} ${read.fault}`);
      // Shown a second time, the first is meant, and never another time of day.
      expect(new Date(read.at).toLocaleString('sv', { timeZone: name })).toBe(shown);
      expect(read.at === at || (read.twice && read.at < at)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('near every change of clocks of a zone, too', () => {
  const near = fc.tuple(
    fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca'),
    fc.integer({ min: 2020, max: 2037 }),
    fc.integer({ min: 0, max: 366 * 48 }),
  );
  fc.assert(
    fc.property(near, ([name, year, halfHours]) => {
      const at = Date.UTC(year, 0, 1) + halfHours * 1_800_000;
      const shown = new Date(at).toLocaleString('sv', { timeZone: name });
      const read = parseSendAt(`${shown} ${name}`);
      expect('at' in read && (read.at === at || (read.twice && read.at < at))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('it never throws, whatever is written', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'grapheme' }).map((end) => `2026-12-01 09:00 ${end}`),
      ),
      (text) => {
        const read = parseSendAt(text);
        expect('fault' in read || Number.isFinite(read.at)).toBe(true);
      },
    ),
  );
});
