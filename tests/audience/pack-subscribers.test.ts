import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openPacked } from '../../src/audience/pack-subscribers.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const placed = fc.record({
  subscriber: fc.record({
    address: text,
    key: text,
    fields: fc.dictionary(text, text, { noNullPrototype: true }),
  }),
  line: fc.nat(),
});

test('what comes out is what went in, in its order, as often as one likes', () => {
  fc.assert(
    fc.property(fc.array(placed, { maxLength: 20 }), fc.nat(2000), (some, more) => {
      const { add, packed } = openPacked();
      const row = { subscriber: { address: 'a@example.com', key: 'a@example.com', fields: {} }, line: 7 };
      const all = [...some, ...Array.from({ length: more }, () => row), ...some];
      for (const one of all) add(one);
      expect(packed.length).toBe(all.length);
      expect(packed.first).toEqual(all[0] ?? null);
      for (let times = 0; times < 2; times += 1) expect([...packed]).toEqual(all);
    }),
    { numRuns: 30 },
  );
});
