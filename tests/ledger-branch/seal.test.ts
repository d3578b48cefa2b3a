import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seal, unseal } from '../../src/ledger-branch/seal.ts';

const SECRET = '7d0c9b1f5a2e4c6d8b0a1f2e3d4c5b6a';

test('what was sealed is opened again, whatever it holds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200_000 }), (bytes) => {
      expect(unseal(seal(bytes, SECRET), SECRET)).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 50 },
  );
});

test('another secret, any changed bit and any cut opens nothing, and nothing throws', () => {
  const sealed = seal(Buffer.from('ada@example.com'), SECRET);
  expect(unseal(sealed, `${SECRET}x`)).toBeNull();
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const edited = Buffer.from(sealed);
      edited[at] = edited[at]! ^ flip;
      expect(unseal(edited, SECRET)).toBeNull();
      expect(unseal(sealed.subarray(0, at), SECRET)).toBeNull();
    }),
  );
  expect(unseal(randomBytes(1000), SECRET)).toBeNull();
});

test('it tells nothing: not an address, not whether anything changed, only a rounded size', () => {
  const ledger = Buffer.from('ada@example.com,'.repeat(100));
  const [first, second] = [seal(ledger, SECRET), seal(ledger, SECRET)];
  expect(first.includes('example')).toBe(false);
  expect(first.equals(second)).toBe(false);
  expect(seal(Buffer.from('x'), SECRET)).toHaveLength(first.length);
});
