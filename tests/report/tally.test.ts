import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Campaign, Counts, Delivery, DeliveryState } from '../../src/campaign/campaign.ts';
import { openHistogram } from '../../src/report/histogram.ts';
import { openTally } from '../../src/report/tally.ts';
import { openTimeline } from '../../src/report/timeline.ts';

const START = Date.UTC(2026, 10, 26, 12);

test('percentiles are those of sorting all of them, within a twentieth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 300 }),
      (times) => {
        const histogram = openHistogram();
        for (const ms of times) histogram.add(ms);
        const { p50, p90, p99, longest, bins } = histogram.read()!;
        const sorted = times.map((ms) => Math.max(ms, 1)).sort((a, b) => a - b);
        for (const [part, told] of [
          [0.5, p50],
          [0.9, p90],
          [0.99, p99],
        ] as const) {
          const real = sorted[Math.ceil(sorted.length * part) - 1]!;
          expect(told).toBeGreaterThanOrEqual(real * 0.9999);
          expect(told).toBeLessThanOrEqual(real * 1.0501);
        }
        expect(longest).toBe(sorted.at(-1));
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(times.length);
      },
    ),
  );
  expect(openHistogram().read()).toBeNull();
});

test('a timeline loses nothing, in whatever order it comes, and never has more than 120 bars', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 * 86_400_000 }), { minLength: 1, maxLength: 300 }),
      (times) => {
        const timeline = openTimeline();
        for (const at of times) timeline.add(START + at);
        const { from, width, counts } = timeline.read()!;
        expect(counts.length).toBeLessThanOrEqual(120);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(times.length);
        const expected = counts.map((_, index) => {
          const begin = from + index * width;
          return times.filter((at) => START + at >= begin && START + at < begin + width).length;
        });
        expect(counts).toEqual(expected);
      },
    ),
  );
  expect(openTimeline().read()).toBeNull();
});

const states: DeliveryState[] = [
  'queued',
  'claimed',
  'sending',
  'accepted',
  'rejected',
  'uncertain',
  'suppressed',
  'cancelled',
];
const delivery = fc.record({
  state: fc.constantFrom(...states),
  address: fc.nat(40).map((n) => `a@D${n}.example.com`),
  tries: fc.nat(1),
  code: fc.constantFrom(250, null),
  begunAt: fc.constant(START),
  settledAt: fc.option(fc.nat(100_000).map((ms) => START + ms)),
});

test('every delivery is counted once, by its domain, and at most twelve domains are told apart', () => {
  fc.assert(
    fc.property(fc.array(delivery, { maxLength: 200 }), (deliveries) => {
      const tally = openTally();
      for (const one of deliveries) tally.add(one as unknown as Delivery);
      const { domains, deferred, latency } = tally.read({} as Campaign, {} as Counts, []);
      const sum = (name: 'accepted' | 'deferred' | 'rejected' | 'uncertain' | 'others') =>
        domains.reduce((total, domain) => total + domain[name], 0);
      for (const state of ['accepted', 'rejected', 'uncertain'] as const)
        expect(sum(state)).toBe(deliveries.filter((one) => one.state === state).length);
      expect(sum('deferred')).toBe(deferred);
      expect(sum('accepted') + sum('deferred') + sum('rejected') + sum('uncertain') + sum('others')).toBe(
        deliveries.length,
      );
      expect(domains.length).toBeLessThanOrEqual(13);
      const timed = deliveries.filter(
        ({ state, code, settledAt }) => state === 'accepted' && code !== null && settledAt !== null,
      );
      expect(latency === null).toBe(timed.length === 0);
    }),
  );
});
