import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Suppression } from '../../src/audience/audience.ts';
import {
  addSuppressed,
  dropSuppressed,
  isLifted,
  readSuppressed,
  readSuppressedLines,
  suppressedName,
  whySuppressed,
} from '../../src/audience/suppressed-file.ts';

const SECRET = 'a secret of the tests';
const reason = fc.constantFrom<Suppression['reason']>(
  'unsubscribed',
  'bounced',
  'complained',
  'manual',
  'left',
);
const suppression = fc.record({
  key: fc.integer({ min: 0, max: 20 }).map((n) => `r${n}@example.com`),
  list: fc.constantFrom(null, 'weekly', 'daily'),
  reason,
  at: fc
    .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString()),
});

test('of two branches nobody is lost, however git leaves the merge to a person', () => {
  fc.assert(
    fc.property(fc.array(suppression), fc.array(suppression), fc.array(suppression), (base, one, other) => {
      const start = addSuppressed('', base, SECRET);
      const [ours, theirs] = [addSuppressed(start, one, SECRET), addSuppressed(start, other, SECRET)];
      const torn = `reader,list,reason,at\n<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> other\n`;
      const mended = addSuppressed(torn, [], SECRET);
      for (const { key, list } of [...base, ...one, ...other]) {
        expect(readSuppressed(torn, [SECRET], list ?? 'any')(key)).not.toBeNull();
        expect(readSuppressed(mended, [SECRET], list ?? 'any')(key)).not.toBeNull();
      }
      expect(readSuppressedLines(mended)).toMatchObject({ conflicts: [], strange: [] });
      // Both sides come to the same file, whoever merges.
      expect(addSuppressed(theirs + ours, [], SECRET).split('\n').length).toBe(mended.split('\n').length);
      expect(mended.split('\n').slice(1, -1)).toEqual(mended.split('\n').slice(1, -1).sort());
    }),
  );
});

test('whatever stands in the file, a line is read, told of or passed over, and none is lost', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '<<<<<<< x',
      '=======',
      '>>>>>>>',
      '',
      ',,,',
      `${'a'.repeat(32)},,left,`,
      `${'a'.repeat(32)},,odd,`,
    ),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n').replaceAll('\r', '');
      const { lines: read, strange } = readSuppressedLines(text);
      const again = readSuppressedLines(addSuppressed(text, [], SECRET));
      expect(new Set(again.lines.map(({ name, list }) => `${name},${list}`))).toEqual(
        new Set(read.map(({ name, list }) => `${name},${list}`)),
      );
      expect(again.strange.length).toBeLessThanOrEqual(strange.length);
      expect(readSuppressedLines(dropSuppressed(text, new Set(read))).lines).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

describe('who confirmed since is no longer kept off by the file', () => {
  const [before, at, after] = [
    '2026-01-01T00:00:00.000Z',
    '2026-02-01T00:00:00.000Z',
    '2026-03-01T00:00:00.000Z',
  ];
  test.each([
    ['unsubscribed', after, true],
    ['left', after, true],
    ['bounced', after, true],
    ['unsubscribed', before, false],
    ['unsubscribed', at, false],
    ['complained', after, false],
    ['manual', after, false],
  ] as const)('%s, confirmed on %s: %s', (why, confirmed, lifted) => {
    expect(isLifted({ reason: why, at }, Date.parse(confirmed))).toBe(lifted);
    expect(isLifted({ reason: why, at })).toBe(false);
    const file = `${suppressedName(SECRET, 'a@example.com')},weekly,${why},${at}\n`;
    const kept = { suppressed: new Map(), confirmed: new Map([['a@example.com', Date.parse(confirmed)]]) };
    expect(whySuppressed(kept, file, [SECRET], 'weekly')('a@example.com')).toBe(lifted ? null : why);
    // What the ledger says counts whatever else is known.
    const again = { ...kept, suppressed: new Map([['a@example.com', 'left' as const]]) };
    expect(whySuppressed(again, '', [SECRET], 'weekly')('a@example.com')).toBe('left');
  });
});
