import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { quotedPrintable } from '../../src/message/quoted-printable.ts';

/** A message whose only part is the encoded text as a file: parsers give its bytes as they are. */
function asFile(encoded: string): Buffer {
  const head =
    'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: attachment; filename="a"';
  return Buffer.from(
    `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_"\r\n\r\n--=_\r\n${head}\r\n\r\n${encoded}\r\n--=_--\r\n`,
    'latin1',
  );
}

/** Fails unless both parsers give the text back; postal-mime gives lines, with one end more at the end. */
async function expectDecoded(encoded: string, text: string): Promise<void> {
  const message = asFile(encoded);
  const [one, two] = await Promise.all([PostalMime.parse(message), simpleParser(message)]);
  expect(two.attachments[0]!.content.toString()).toBe(crlf(text));
  const lines = Buffer.from(one.attachments[0]!.content as ArrayBuffer).toString();
  expect(lines.replace(/\r\n/g, '\n').replace(/\n+$/, '')).toBe(
    crlf(text).replace(/\r\n/g, '\n').replace(/\n+$/, ''),
  );
}

const crlf = (value: string) => value.toWellFormed().replace(/\r\n|\r|\n/g, '\r\n');

const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.constantFrom(
        '\n',
        ' \n',
        '\t\r\n',
        ' ',
        '.',
        'From ',
        '=',
        '=3D',
        '=\n',
        'x'.repeat(73),
        'é'.repeat(25),
      ),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));
test('two decoders give back what was encoded', async () => {
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      await expectDecoded(quotedPrintable(value), value);
    }),
    { numRuns: 400 },
  );
});

test('pieces encoded apart and laid end to end decode to the joined text', async () => {
  // A CR and its LF never come in two pieces: the compiler writes LF.
  const piece = text.map((value) => value.replace(/\r/g, ''));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      await expectDecoded(pieces.map(quotedPrintable).join(''), pieces.join(''));
    }),
    { numRuns: 400 },
  );
});

test('lines hold at most 76 printable octets, end with CRLF, and never end in a space', () => {
  fc.assert(
    fc.property(text, (value) => {
      const encoded = quotedPrintable(value);
      expect(encoded).toMatch(/^(?:(?:[\t\x20-\x7e]{0,75}[\x21-\x7e])?\r\n)*$/);
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['a dot at the start of a line', '.x\n..y', '=2Ex\r\n=2E.y=\r\n'],
  ['"From " at the start of a line', 'From me', '=46rom me=\r\n'],
  ['a space before a line end', 'a \nb', 'a=20\r\nb=\r\n'],
  ['an equals sign', 'a=b', 'a=3Db=\r\n'],
  ['a text that ends its last line', 'a\n', 'a\r\n'],
  ['nothing', '', ''],
])('encodes %s', (_what, value, wanted) => {
  expect(quotedPrintable(value)).toBe(wanted);
});
