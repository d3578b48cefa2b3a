import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isGenuine, type Link, linkSigner, readLink } from '../../src/audience/links.ts';
import { erasedKey } from '../../src/audience/suppressed-file.ts';

const said = fc.record({
  purpose: fc.constantFrom<Link['purpose']>('live', 'test'),
  action: fc.constantFrom<Link['action']>('unsubscribe', 'preferences', 'web', 'confirm', 'manage'),
  row: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 40 })),
});
const owner = fc.record({ list: fc.string({ unit: 'grapheme', maxLength: 20 }), key: fc.emailAddress() });
const ann = { list: 'weekly', key: 'ann@example.com' };
const leave = { purpose: 'live', action: 'unsubscribe', row: 9 } as const;

test('a link says what was signed, under any of the live secrets, and is its owner’s alone', () => {
  fc.assert(
    fc.property(said, owner, owner, fc.string({ minLength: 1 }), (given, mine, other, secret) => {
      const link = readLink(linkSigner(secret, mine)(given))!;
      expect(link).toMatchObject(given);
      expect(isGenuine(['another one', secret], link, mine)).toBe(true);
      expect(isGenuine(['another one'], link, mine)).toBe(secret === 'another one');
      expect(isGenuine([secret], link, other)).toBe(other.list === mine.list && other.key === mine.key);
    }),
  );
});

test('a link is short, in letters and digits, and tells no address', () => {
  const token = linkSigner('secret', ann)({ ...leave, row: 16_000_000 });
  expect(token).toMatch(/^[a-z2-7]{26}$/);
  expect(`https://letters.broadsheet.example.com/u/${token}`.length).toBeLessThan(76);
  expect(linkSigner('secret', ann)({ ...leave, row: 2 ** 40 })).toHaveLength(31);
});

test('a link changed in any letter is nobody’s', () => {
  fc.assert(
    fc.property(said, owner, fc.nat(), fc.constantFrom(...'abcxyz234567'), (given, mine, at, letter) => {
      const token = linkSigner('secret', mine)(given);
      const index = at % token.length;
      fc.pre(token[index] !== letter);
      const changed = readLink(token.slice(0, index) + letter + token.slice(index + 1));
      expect(changed !== null && isGenuine(['secret'], changed, mine)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('cut or made longer it is nobody’s', () => {
  const token = linkSigner('secret', ann)(leave);
  for (let length = 0; length <= token.length + 8; length += 1) {
    const link = readLink(token.slice(0, length).padEnd(length, 'a'));
    expect(link !== null && isGenuine(['secret'], link, ann), `${length} letters`).toBe(
      length === token.length,
    );
  }
});

test('a link that a mail program wrapped or wrote large is still one', () => {
  const token = linkSigner('secret', ann)(leave);
  expect(readLink(`${token.slice(0, 12)}\r\n ${token.slice(12)}\n`)).toEqual(readLink(token));
  expect(readLink(token.toUpperCase())).toEqual(readLink(token));
});

test('nothing is signed or genuine without a secret', () => {
  expect(() => linkSigner('', ann)).toThrow('A link needs a secret');
  const link = readLink(linkSigner('secret', ann)(leave))!;
  expect(isGenuine([], link, ann)).toBe(false);
  expect(isGenuine([''], link, ann)).toBe(false);
});

test('the link of a reader whose address was erased is still theirs', () => {
  const link = readLink(linkSigner('secret', ann)(leave))!;
  expect(isGenuine(['secret'], link, { ...ann, key: erasedKey('secret', ann.key) })).toBe(true);
  expect(isGenuine(['secret'], link, { ...ann, key: erasedKey('secret', 'bob@example.com') })).toBe(false);
});

test('whatever is not ours is null or not genuine, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), maxLength: 40 }),
      ),
      (token) => {
        const link = readLink(token);
        expect(link !== null && isGenuine(['', 'secret'], link, ann)).toBe(false);
      },
    ),
    { numRuns: 1000 },
  );
});
