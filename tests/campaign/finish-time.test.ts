import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { finishTime } from '../../src/campaign/finish-time.ts';
import { DAY } from '../../src/campaign/windows.ts';
import type { Rate, RelayLimits } from '../../src/newsletter.ts';

const NONE = { perSecond: null, perMinute: null, perHour: null, perDay: null };
const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const relay = (limits: Partial<RelayLimits>, begun: number[] = [], since: number | null = null) => ({
  limits: { ...NONE, connections: 100, warmUp: null, ...limits },
  begun: begun.map((ago) => NOW - ago),
  since: since === null ? null : NOW - since,
});
const domain = (count: number, limits: Partial<Rate>, begun: number[] = []) => ({
  count,
  limits: { ...NONE, ...limits },
  begun: begun.map((ago) => NOW - ago),
});
/** ms until the end. */
const takes = (
  count: number,
  relays: ReturnType<typeof relay>[],
  domains: ReturnType<typeof domain>[] = [],
) => Math.floor(finishTime(NOW, count, relays, domains) - NOW);

const limit = (most: number) => fc.option(fc.integer({ min: 1, max: most }), { freq: 2 });
const rate = fc.record({ perSecond: limit(4), perMinute: limit(6), perHour: limit(8), perDay: limit(10) });

describe('the time of the end', () => {
  test('is the very instant at which the last message may begin: one sooner would be one too many', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 40 }), (limits, count) => {
        const windows = [
          [limits.perSecond, 1000],
          [limits.perMinute, MINUTE],
          [limits.perHour, HOUR],
          [limits.perDay, DAY],
        ] as const;
        // Step by step: each begins as soon as every window has room.
        const times: number[] = [];
        for (let at = NOW; times.length < count; ) {
          const ends = windows.flatMap(([most, length]) => {
            const inside = times.filter((time) => time > at - length);
            return most === null || inside.length < most ? [] : [inside[inside.length - most]! + length];
          });
          if (ends.length === 0) times.push(at);
          else at = Math.max(...ends);
        }
        const least = (count / 100) * 10;
        expect(takes(count, [relay(limits)])).toBe(Math.floor(Math.max(times.at(-1)! - NOW, least)));
      }),
    );
  });

  test.each([
    ['nothing limits it', 100, [relay({})], 10],
    ['ten a minute', 30, [relay({ perMinute: 10 })], 2 * MINUTE],
    ['two relays', 60, [relay({ perMinute: 10 }), relay({ perMinute: 20 })], MINUTE],
    ['one of two is unlimited', 1000, [relay({ perMinute: 10 }), relay({})], 50],
    ['part of today is used', 3, [relay({ perDay: 5 }, [20 * HOUR, 3 * HOUR, HOUR])], 4 * HOUR],
    ['all of today is used', 1, [relay({ perDay: 2 }, [HOUR, HOUR])], 23 * HOUR],
    ['a warm-up of a new relay', 7, [relay({ warmUp: { from: null, days: [1, 2, 4] } })], 2 * DAY],
    [
      'a warm-up under way',
      3,
      [relay({ warmUp: { from: null, days: [1, 2, 4] } }, [HOUR], 25 * HOUR)],
      23 * HOUR,
    ],
    ['a warm-up that is over', 500, [relay({ warmUp: { from: '2020-01-01', days: [1] } })], 50],
  ] as const)('%s', (_what, count, relays, expected) => {
    expect(takes(count, [...relays])).toBe(expected);
  });

  test('is that of the slowest domain, with what it has had already', () => {
    const gmail = domain(30, { perMinute: 10 });
    expect(takes(100, [relay({})], [gmail, domain(5, { perHour: 5 })])).toBe(2 * MINUTE);
    expect(takes(100, [relay({})], [domain(1, { perHour: 1 }, [10 * MINUTE])])).toBe(50 * MINUTE);
    expect(takes(0, [relay({ perDay: 1 }, [HOUR])], [])).toBe(0);
  });

  test('of a million messages is told in no time', () => {
    expect(takes(1_000_000, [relay({ perSecond: 50, perDay: 200_000 })])).toBeGreaterThan(4 * DAY);
  });
});
