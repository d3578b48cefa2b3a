import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openKeySet } from '../../src/audience/open-key-set.ts';

test('it says of every key what a Set would say, also when it has grown', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 60 }), (some) => {
      const keys = openKeySet();
      const model = new Set<string>();
      const many = Array.from({ length: 1500 }, (_, at) => `reader${at}@example.com`);
      for (const key of [...some, ...many, ...some, ...many]) {
        expect(keys.seen(key), key).toBe(model.has(key));
        model.add(key);
      }
    }),
    { numRuns: 20 },
  );
});
