import { describe, expect, test } from 'vitest';
import { DAY, relayWindows, warmUpVolume, windowsOf } from '../../src/campaign/windows.ts';

const NONE = { perSecond: null, perMinute: null, perHour: null, perDay: null };
const NOW = Date.parse('2030-01-10T12:00Z');
const relay = (warmUp: { from: string | null; days: number[] } | null, perDay: number | null = null) => ({
  ...NONE,
  perDay,
  connections: 5,
  warmUp,
});

test('a rate speaks of the windows that it names', () => {
  expect(windowsOf(NONE)).toEqual([]);
  expect(windowsOf({ perSecond: 1, perMinute: 2, perHour: 3, perDay: 4 })).toEqual([
    { most: 1, length: 1000 },
    { most: 2, length: 60_000 },
    { most: 3, length: 3_600_000 },
    { most: 4, length: DAY },
  ]);
});

describe('a warm-up', () => {
  const days = [50, 100, 200];

  test.each([
    ['2030-01-10', 50],
    ['2030-01-09', 100],
    ['2030-01-08', 200],
    ['2030-01-07', null],
    // Its first day has not come: no more than on that day.
    ['2030-02-01', 50],
  ])('from %s gives %s today', (from, volume) => {
    expect(warmUpVolume(relay({ from, days }), null, NOW)).toBe(volume);
  });

  test.each([
    [null, 50],
    [0, 50],
    [DAY - 1, 50],
    [DAY, 100],
    [3 * DAY - 1, 200],
    [3 * DAY, null],
  ])('from the first message on, %s ms ago, gives %s', (ago, volume) => {
    expect(warmUpVolume(relay({ from: null, days }), ago === null ? null : NOW - ago, NOW)).toBe(volume);
  });

  test('is one more limit of 24 hours: the smaller counts', () => {
    const today = { from: '2030-01-10', days };
    expect(relayWindows(relay(today), null, NOW)).toEqual([{ most: 50, length: DAY }]);
    expect(relayWindows(relay(today, 20), null, NOW)).toEqual([{ most: 20, length: DAY }]);
    expect(relayWindows(relay({ from: '2029-01-01', days }, 20), null, NOW)).toEqual([
      { most: 20, length: DAY },
    ]);
    expect(relayWindows(relay(null), null, NOW)).toEqual([]);
  });
});
