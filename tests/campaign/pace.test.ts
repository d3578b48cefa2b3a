import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPace, type Place, paceTime } from '../../src/campaign/pace.ts';
import type { Limits } from '../../src/newsletter.ts';

const NONE: Limits = {
  perSecond: null,
  perMinute: null,
  perHour: null,
  perDay: null,
  connections: 5,
  warmUp: null,
  domains: {},
};
const LENGTHS = { perSecond: 1000, perMinute: 60_000, perHour: 3_600_000, perDay: 86_400_000 } as const;

/** Takes and uses a place; fails when there is none. */
function begin(pace: ReturnType<typeof openPace>, now: number): void {
  const place = pace.take(now);
  if (typeof place === 'number') throw new Error(`no place at ${now}, ask again at ${place}`);
  place.began(now);
}

/** The first window that holds more than its limit, in words; null: none does. */
function overrun(limits: Limits, times: readonly number[]): string | null {
  for (const [name, length] of Object.entries(LENGTHS)) {
    const most = limits[name as keyof typeof LENGTHS];
    if (most === null) continue;
    for (const end of times) {
      const inside = times.filter((at) => at > end - length && at <= end).length;
      if (inside > most) return `${inside} ${name} up to ${end}`;
    }
  }
  return null;
}

const limit = (most: number) => fc.option(fc.integer({ min: 1, max: most }), { freq: 2 });
const anyLimits = fc.record({
  perSecond: limit(4),
  perMinute: limit(6),
  perHour: limit(8),
  perDay: limit(10),
  connections: fc.constant(5),
  warmUp: fc.constant(null),
  domains: fc.constant({}),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ wait: fc.constantFrom(0, 1, 50, 333, 999, 1000, 1001, 60_000, 3_600_000) }),
    },
    { weight: 5, arbitrary: fc.constant('take' as const) },
    { weight: 5, arbitrary: fc.constant('begin' as const) },
    { weight: 1, arbitrary: fc.constant('give back' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  ),
  { maxLength: 120 },
);

describe('pace', () => {
  test('no window of any length ever holds more than its limit, whatever waits, fails or restarts', () => {
    fc.assert(
      fc.property(anyLimits, steps, (limits, script) => {
        let now = 1_800_000_000_000;
        let pace = openPace(limits, []);
        let places: Place[] = [];
        const times: number[] = [];
        for (const step of script) {
          if (typeof step === 'object') now += step.wait;
          else if (step === 'take') {
            const place = pace.take(now);
            if (typeof place === 'number') expect(place).toBeGreaterThan(now);
            else places.push(place);
          } else if (step === 'begin' && places.length > 0) {
            places.shift()!.began(now);
            times.push(now);
          } else if (step === 'give back') places.pop()?.giveBack();
          else if (step === 'restart') {
            pace = openPace(limits, times);
            places = [];
          }
        }
        expect(overrun(limits, times)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  test('never waits without need: refused with nothing in flight, a window is full until the very instant named', () => {
    fc.assert(
      fc.property(anyLimits, fc.array(fc.nat(2000), { maxLength: 60 }), (limits, waits) => {
        const pace = openPace(limits, []);
        const times: number[] = [];
        let now = 1_800_000_000_000;
        for (const wait of waits) {
          now += wait;
          const place = pace.take(now);
          if (typeof place === 'number') {
            expect(overrun(limits, [...times, place - 1]), 'a millisecond sooner').not.toBeNull();
            now = place;
            begin(pace, now);
          } else place.began(now);
          times.push(now);
        }
        expect(overrun(limits, times)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test('a message exactly one window after the first is the first outside it', () => {
    const pace = openPace({ ...NONE, perSecond: 1 }, []);
    begin(pace, 0);
    expect(pace.take(999)).toBe(1000);
    begin(pace, 1000);
  });

  test('a place that is given back is free again, once', () => {
    const pace = openPace({ ...NONE, perDay: 1 }, []);
    const place = pace.take(0) as Place;
    expect(pace.take(0)).toBeGreaterThan(0);
    place.giveBack();
    place.giveBack();
    const again = pace.take(0) as Place;
    expect(pace.take(0)).toBeGreaterThan(0);
    again.began(0);
    again.giveBack();
    expect(pace.take(1)).toBe(86_400_000);
  });

  test('a clock set back by a day does not stop the sending for a day', () => {
    const day = 86_400_000;
    const pace = openPace({ ...NONE, perSecond: 2 }, [day, day]);
    expect(pace.take(0)).toBe(1000);
    begin(pace, 1000);
  });

  test('without limits nothing waits and nothing is kept', () => {
    const pace = openPace(NONE, [1, 2, 3]);
    for (let n = 0; n < 1000; n += 1) begin(pace, 0);
  });

  test('the time told in a plan is the time it takes', () => {
    fc.assert(
      fc.property(anyLimits, fc.integer({ min: 1, max: 40 }), (limits, count) => {
        const pace = openPace(limits, []);
        let now = 0;
        for (let sent = 0; sent < count; ) {
          const place = pace.take(now);
          if (typeof place === 'number') now = place;
          else {
            place.began(now);
            sent += 1;
          }
        }
        expect(paceTime(limits, count)).toBeLessThanOrEqual(now);
      }),
    );
    expect(paceTime({ ...NONE, perMinute: 10 }, 30)).toBe(120_000);
  });
});
