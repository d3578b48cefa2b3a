import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Link, readerToken, readLink, signLink } from '../../src/audience/links.ts';

const link = fc.record({
  purpose: fc.constantFrom<Link['purpose']>('live', 'test'),
  action: fc.constantFrom<Link['action']>('unsubscribe', 'preferences', 'web'),
  list: fc.string({ unit: 'grapheme', maxLength: 20 }),
  slug: fc.string({ unit: 'grapheme', maxLength: 60 }),
  key: fc.emailAddress(),
});

test('a link says what was signed, under any of the live secrets, and not who', () => {
  fc.assert(
    fc.property(link, fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (given, secret, other) => {
      const { key, ...said } = given;
      const token = signLink(secret, given);
      expect(token).toMatch(/^[\w-]+\.[\w-]{22}$/);
      expect(readLink([other, secret], token)).toEqual({ ...said, reader: readerToken(secret, key) });
      expect(Buffer.from(token.split('.')[0]!, 'base64url').toString()).not.toContain(key);
    }),
  );
});

test('a link changed in any letter is nobody’s', () => {
  fc.assert(
    fc.property(link, fc.nat(), fc.constantFrom(...'abcXYZ019-_.='), (given, at, letter) => {
      const token = signLink('secret', given);
      const index = at % token.length;
      const changed = token.slice(0, index) + letter + token.slice(index + 1);
      // The last letter of base64url holds bits that decode to nothing.
      fc.pre(changed !== token && index < token.length - 1 && token[index + 1] !== '.');
      expect(readLink(['secret'], changed)).toBeNull();
    }),
    { numRuns: 500 },
  );
});

test('a link that a mail program wrapped is still one', () => {
  const token = signLink('secret', {
    purpose: 'live',
    action: 'unsubscribe',
    list: 'l',
    slug: 's',
    key: 'k',
  });
  expect(readLink(['secret'], `${token.slice(0, 20)}\r\n ${token.slice(20)}\n`)?.action).toBe('unsubscribe');
});

test('nothing is signed or read without a secret', () => {
  const given = { purpose: 'live', action: 'web', list: 'l', slug: 's', key: 'k' } as const;
  expect(() => signLink('', given)).toThrow('A link needs a secret');
  expect(readLink([], signLink('secret', given))).toBeNull();
  expect(readLink(['other'], signLink('secret', given))).toBeNull();
});

test('whatever is not ours is null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (token) => {
      expect(readLink(['', 'secret'], token)).toBeNull();
    }),
  );
  for (const token of ['', '.', 'a.', '.b', 'a.b.c', `${'a'.repeat(5000)}.b`])
    expect(readLink(['secret'], token)).toBeNull();
});

test('one reader has one name under a secret, another under another', () => {
  expect(readerToken('a', 'ann@example.com')).toBe(readerToken('a', 'ann@example.com'));
  expect(readerToken('a', 'ann@example.com')).not.toBe(readerToken('b', 'ann@example.com'));
  expect(readerToken('a', 'ann@example.com')).not.toBe(readerToken('a', 'bob@example.com'));
  expect(readerToken('a', 'ann@example.com')).toMatch(/^[\w-]{16}$/);
});
