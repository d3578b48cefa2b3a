import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import {
  BadHeaderValue,
  headerLine,
  mailboxValue,
  phrase,
  unstructured,
} from '../../src/message/header-value.ts';

async function decoded(line: string) {
  const message = Buffer.from(`${line}\r\nMIME-Version: 1.0\r\n\r\n`);
  return Promise.all([PostalMime.parse(message), simpleParser(message)]);
}

/** What may stand in a subject or a name: anything but controls and line separators. */
const value = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.constantFrom(' ', '  ', '=?UTF-8?Q?x?=', '=?', '"', '\\', '<', '>', ',', ';', '_', '=', '(c)', '@'),
      fc.constantFrom('日本語の長い題名', 'سلام', '🦊👩‍👩‍👧', 'e\u0301', '\u00a0', 'word '),
      fc.integer({ min: 50, max: 200 }).map((length) => 'y'.repeat(length)),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) =>
    parts
      .join('')
      .replace(/[\p{Cc}\u2028\u2029]/gu, '')
      .toWellFormed(),
  )
  // Parsers trim; so does the reading of an issue and of a list.
  .filter((text) => text.trim() === text && text !== '');

test('two parsers read the subject that was written, folded to lines of at most 76', async () => {
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      const line = headerLine('Subject', unstructured('Subject', text));
      for (const one of line.split('\r\n')) expect(one).toMatch(/^[\x20-\x7e]{1,76}$/);
      const [one, two] = await decoded(line);
      expect(one.subject).toBe(text);
      expect(two.subject).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('two parsers read the name and the address that were written', async () => {
  await fc.assert(
    fc.asyncProperty(value, async (name) => {
      const line = headerLine('Reply-To', mailboxValue('Reply-To', { name, address: 'a.b+c@example.com' }));
      for (const one of line.split('\r\n')) expect(one).toMatch(/^[\x20-\x7e]{1,76}$/);
      const [one, two] = await decoded(line);
      expect(one.replyTo).toEqual([{ name, address: 'a.b+c@example.com' }]);
      expect(two.replyTo!.value).toEqual([{ name, address: 'a.b+c@example.com' }]);
    }),
    { numRuns: 500 },
  );
});

test('no character is cut in two by the end of an encoded word', () => {
  fc.assert(
    fc.property(value, (text) => {
      for (const [, kind, body] of unstructured('Subject', text).matchAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/g)) {
        const bytes =
          kind === 'B'
            ? Buffer.from(body!, 'base64')
            : Buffer.from(
                body!
                  .replace(/_/g, ' ')
                  .replace(/=(..)/g, (_all, hex) => String.fromCharCode(parseInt(hex, 16))),
                'latin1',
              );
        expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toThrow();
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  [
    '116 letters in words',
    'Notes from the press room: what we printed, what we broke, and what a reader from Exampleton found out about ink, today'.slice(
      0,
      116,
    ),
  ],
  ['emoji', '🗞️ The news 🦊 of the week'],
  ['2,000 letters without a space', 'n'.repeat(2000)],
  ['2,000 letters of Chinese', '新聞'.repeat(1000)],
  ['what looks encoded already', '=?UTF-8?Q?=0D=0ABcc:_x?='],
])('a subject of %s arrives', async (_what, text) => {
  const line = headerLine('Subject', unstructured('Subject', text));
  expect(Math.max(...line.split('\r\n').map((one) => one.length))).toBeLessThanOrEqual(76);
  for (const one of await decoded(line)) expect(one.subject).toBe(text);
});

test.each(['\r\nBcc: x@example.com', '\n', '\r', '\0', '\x1b[0m', '\u2028', '\u2029', '\x7f', '\x85'])(
  'refuses %j anywhere in a header',
  (bad) => {
    for (const written of [
      () => headerLine('List-Id', `a${bad}b`),
      () => unstructured('Subject', `a${bad}b`),
      () => phrase('To', `a${bad}b`),
      () => mailboxValue('To', { name: `a${bad}b`, address: 'a@example.com' }),
      () => mailboxValue('To', { name: '', address: `a${bad}@example.com` }),
    ])
      expect(written).toThrow(BadHeaderValue);
  },
);

test.each([
  'a@example.com, b@example.com',
  'a@example.com>',
  '<a@example.com',
  'a b@example.com',
  'x:a@example.com;',
])('refuses %j as one address', (address) => {
  expect(() => mailboxValue('To', { name: 'Ann', address })).toThrow(BadHeaderValue);
});

test('refuses a line that a server would cut, and names the header', () => {
  expect(() => headerLine('Message-ID', `<${'x'.repeat(1000)}@example.com>`)).toThrow(
    'The Message-ID is too long.',
  );
});
