import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Choice, Field, Stencil } from '../../src/email/email.ts';
import { fill } from '../../src/email/stencil.ts';
import { ann, bytesOf, parse, write } from './letter.ts';

/** Texts with everything that a line-based, 7-bit, dot-stuffing world is bad at. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[\0\r]/g, '')),
      fc.constantFrom(
        '\n',
        '\n\n',
        '\r\n',
        ' \n',
        '\t\n',
        '.\n',
        '..',
        'From ',
        '\nFrom me\n',
        '=',
        '=20',
        '=_',
        '--',
        ' ',
      ),
      fc.constantFrom('日本語の長い文。', 'سلام', '🦊', '\ud800', 'e\u0301'),
      fc.integer({ min: 70, max: 2000 }).map((length) => 'x'.repeat(length)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const field: Field = { kind: 'field', name: 'subscriber.note', fallback: 'friend', landing: 'text' };
const choice = (then: Stencil, otherwise: Stencil): Choice => ({
  kind: 'choice',
  when: {
    kind: 'compare',
    operator: '==',
    left: { kind: 'field', name: 'plan' },
    right: { kind: 'literal', value: 'pro' },
  },
  then,
  otherwise,
});
const stencil: fc.Arbitrary<Stencil> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: anyText },
    { weight: 2, arbitrary: fc.constant(field) },
    { weight: 1, arbitrary: fc.tuple(anyText, anyText).map(([a, b]) => choice([a, field], [b])) },
  ),
  { maxLength: 6 },
);

const lf = (text: string) => text.replace(/\r\n|\r/g, '\n').toWellFormed();
/** Parsers differ on what becomes of the last line ends: nothing a reader can see. */
const trim = (text: string) => lf(text).replace(/\n+$/, '');

/** Every line of a message as octets, without its CRLF. Fails for a CR or LF that is not part of one. */
function linesOf(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  expect(text.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/);
  return text.split('\r\n');
}

test('both parts decode to what the stencils give, whatever stands in them', async () => {
  await fc.assert(
    fc.asyncProperty(stencil, stencil, anyText, fc.boolean(), async (text, html, note, pro) => {
      const fields = { note, plan: pro ? 'pro' : 'free' };
      const message = write({ email: { text, html: ['<p>', ...html, '</p>'] }, to: { ...ann, fields } });
      const parts = await parse(message);
      const wanted = {
        text: trim(fill(text, () => note, fields)),
        html: trim(`<p>${fill(html, () => note, fields)}</p>`),
      };
      for (const one of [parts.postal, parts.mailparser])
        expect({ text: trim(one.text), html: trim(one.html) }).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test('every line is 7-bit and short, and none begins with a dot or "From "', () => {
  fc.assert(
    fc.property(stencil, anyText, (text, note) => {
      const bytes = bytesOf(
        write({ email: { text, html: text }, to: { ...ann, fields: { note, plan: 'pro' } } }),
      );
      const lines = linesOf(bytes);
      for (const line of lines) expect(line).toMatch(/^[\t\x20-\x7e]*$/);
      const body = lines.slice(lines.indexOf('') + 1);
      expect(Math.max(...body.map((line) => line.length))).toBeLessThanOrEqual(78);
      // A relay that forgets to double dots eats them; one that writes mbox files makes it ">From ".
      expect(body.filter((line) => /^(?:\.|From )/.test(line))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('what the message says of its size is its size', () => {
  fc.assert(
    fc.property(stencil, (text) => {
      const message = write({ email: { text, html: text } });
      expect(message.size).toBe(bytesOf(message).length);
    }),
    { numRuns: 50 },
  );
});

test('a reader cannot forge the end of a part', async () => {
  const first = bytesOf(write({ to: ann })).toString();
  const boundary = /boundary="([^"]+)"/.exec(first)![1]!;
  const note = `--${boundary}--\r\n\r\n--${boundary}\r\nContent-Type: text/html\r\n\r\n<b>mine</b>`;
  const message = write({ email: { text: [field], html: [field] }, to: { ...ann, fields: { note } } });
  const { postal } = await parse(message);
  expect(postal.text).toContain(`--${boundary}--`);
  expect(postal.html).not.toBe('<b>mine</b>');
  expect(bytesOf(message).toString().split(`--${boundary}`)).toHaveLength(4);
});

test('text in scripts that quoted-printable triples travels as base64, with its fields', async () => {
  const text = [`${'今週の記事は印刷所の話です。'.repeat(40)}\n`, field, '。\n'];
  const message = write({ email: { text, html: ['<p>x</p>'] }, to: { ...ann, fields: { note: '阿部' } } });
  const parts = await parse(message);
  for (const one of [parts.postal, parts.mailparser]) expect(trim(one.text)).toMatch(/阿部。$/);
  expect(bytesOf(message).toString()).toContain('Content-Transfer-Encoding: base64');
  expect(message.size).toBeLessThan(Buffer.byteLength(fill(text, () => '阿部', {})) * 1.4 + 1500);
});

test('text comes before HTML, and images travel beside the HTML that shows them', async () => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
  const picture = { cid: 'abc@images', type: 'image/png', filename: 'a "b"\r\n.png', bytes } as const;
  const message = write({ email: { html: ['<img src="cid:abc@images">'], embedded: [picture] } });
  const types = [
    ...bytesOf(message)
      .toString()
      .matchAll(/^Content-Type: ([\w/]+)/gm),
  ].map((match) => match[1]);
  expect(types).toEqual([
    'multipart/alternative',
    'text/plain',
    'multipart/related',
    'text/html',
    'image/png',
  ]);
  const { postal, mailparser } = await parse(message);
  expect(Buffer.from(postal.attachments[0]!.content as ArrayBuffer)).toEqual(bytes);
  expect(mailparser.attachments[0]!.content).toEqual(bytes);
  expect(mailparser.attachments[0]).toMatchObject({ cid: 'abc@images', related: true });
  expect(postal.attachments[0]).toMatchObject({ contentId: '<abc@images>', filename: 'a--b---.png' });
});

test('an empty email is still two parts', async () => {
  const { postal, mailparser } = await parse(write({ email: { text: [], html: [] } }));
  expect([postal.text.trim(), postal.html.trim(), mailparser.text.trim()]).toEqual(['', '', '']);
});
