import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openMeter } from '../../src/report/meter.ts';
import { fitted, progressWords } from '../../src/report/progress-words.ts';

const counts = {
  queued: 90,
  claimed: 0,
  sending: 0,
  accepted: 7,
  rejected: 2,
  uncertain: 1,
  suppressed: 0,
  cancelled: 0,
};
const one = (
  id: number,
  kind: 'accepted' | 'deferred' | 'rejected' | 'uncertain' = 'accepted',
  took = 20,
) => ({
  id,
  address: `r${id}@example.com`,
  kind,
  took,
});

describe('a meter', () => {
  test('goes on from what was there, and counts who waits only while she waits', () => {
    const meter = openMeter(counts, 0);
    expect(meter.read(0)).toMatchObject({
      total: 100,
      done: 10,
      accepted: 7,
      rejected: 2,
      uncertain: 1,
      deferred: 0,
      rateNow: 0,
    });
    meter.settled(100, one(1, 'deferred'));
    meter.settled(200, one(2, 'deferred'));
    meter.settled(300, one(3, 'rejected'));
    expect(meter.read(300)).toMatchObject({ done: 11, deferred: 2, rejected: 3 });
    meter.settled(400, one(1, 'deferred'));
    meter.settled(500, one(2));
    expect(meter.read(500)).toMatchObject({ done: 12, deferred: 1, accepted: 8 });
  });

  test('tells the rate of the last ten seconds and the mean', () => {
    const meter = openMeter(counts, 0);
    for (let ms = 0; ms < 20_000; ms += 100) meter.settled(ms, one(ms));
    for (let ms = 20_000; ms < 40_000; ms += 500) meter.settled(ms, one(ms));
    const { rateNow, rateMean } = meter.read(40_000);
    expect(rateNow).toBeCloseTo(2, 1);
    expect(rateMean).toBeCloseTo(6, 1);
    expect(meter.read(80_000)).toMatchObject({ rateNow: 0, rateMean: 3 });
  });

  test('adds up whatever happens, and no rate is negative or infinite', () => {
    const event = fc.record({
      id: fc.nat(20),
      kind: fc.constantFrom('accepted', 'deferred', 'rejected', 'uncertain'),
      took: fc.nat(100_000),
      wait: fc.nat(30_000),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const meter = openMeter(counts, 0);
        let now = 0;
        for (const { id, kind, took, wait } of events) {
          now += wait;
          meter.settled(now, { ...one(id, kind as 'accepted'), took });
          const { done, accepted, rejected, uncertain, rateNow, rateMean, slowest } = meter.read(now);
          expect(done).toBe(accepted + rejected + uncertain);
          expect(rateNow).toBeGreaterThanOrEqual(0);
          expect(rateNow).toBeLessThanOrEqual(events.length);
          expect(rateMean).toBeLessThanOrEqual(events.length);
          expect(slowest.every(({ took: ms }) => ms >= 1000)).toBe(true);
        }
      }),
    );
  });

  test('names the domains that are slow lately, the slowest first, and forgets when they are not', () => {
    const meter = openMeter(counts, 0);
    const to = (domain: string, took: number) =>
      meter.settled(0, { ...one(1), address: `a@${domain}`, took });
    for (let n = 0; n < 10; n += 1) {
      to('fast.example', 40);
      to('slow.example', 4000);
      to('Slower.example', 9000);
    }
    expect(meter.read(0).slowest).toEqual([
      { domain: 'slower.example', took: 9000 },
      { domain: 'slow.example', took: 4000 },
    ]);
    for (let n = 0; n < 20; n += 1) to('slower.example', 30);
    expect(meter.read(0).slowest.map(({ domain }) => domain)).toEqual(['slow.example']);
  });
});

test('a line tells the most important first, and as much as fits', () => {
  const meter = openMeter(counts, 0);
  meter.settled(500, { ...one(1), took: 4200 });
  meter.settled(500, one(2, 'deferred', 4200));
  const words = progressWords(meter.read(1000), 90_000);
  expect(words.join(', ')).toBe(
    '8 accepted, 1 deferred, 2 rejected, 1 uncertain, 2.0/s, 2 min left, mean 2.0/s, slow: example.com 4.2 s',
  );
  expect(fitted(words, 50)).toBe('8 accepted, 1 deferred, 2 rejected, 1 uncertain');
  expect(fitted(words, 3)).toBe('8 accepted');
});
