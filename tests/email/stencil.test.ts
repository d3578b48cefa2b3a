import { describe, expect, test } from 'vitest';
import type { Field, Landing } from '../../src/email/email.ts';
import { openHoles } from '../../src/email/holes.ts';
import { packEmail, unpackEmail } from '../../src/email/pack-email.ts';
import { cut, fill, landingInHtml, landingInText } from '../../src/email/stencil.ts';
import { parseExpression } from '../../src/expression.ts';
import type { Newsletter } from '../../src/newsletter.ts';
import { compile, newsletter, read } from './sample.ts';

const field = (name: string, landing: Landing, fallback: string | null = null): Field => ({
  kind: 'field',
  name: `subscriber.${name}`,
  fallback,
  landing,
});

describe('cut', () => {
  const holes = openHoles('x');
  const name = holes.field('subscriber.name', 'you');
  const when = parseExpression('a');
  if ('fault' in when) throw new Error(when.fault);

  test('a text without tokens is itself', () => {
    expect(cut('plain', holes, () => 'text')).toEqual(['plain']);
    expect(cut('', holes, () => 'text')).toEqual([]);
  });

  test('fields, and choices with and without a turn', () => {
    const { open, turn, close } = holes.choice(when);
    expect(cut(`a${open}b${name}${turn}c${close}d`, holes, () => 'text')).toEqual([
      'a',
      { kind: 'choice', when, then: ['b', field('name', 'text', 'you')], otherwise: ['c'] },
      'd',
    ]);
    expect(cut(`${open}b${close}`, holes, () => 'text')).toEqual([
      { kind: 'choice', when, then: ['b'], otherwise: [] },
    ]);
    expect(cut(`${open}${turn}c${close}`, holes, () => 'text')).toEqual([
      { kind: 'choice', when, then: [], otherwise: ['c'] },
    ]);
  });

  test('a choice may stand twice, once with a turn and once without', () => {
    const { open, turn, close } = holes.choice(when);
    expect(cut(`${open}a${turn}b${close}${open}c${close}`, holes, () => 'text')).toEqual([
      { kind: 'choice', when, then: ['a'], otherwise: ['b'] },
      { kind: 'choice', when, then: ['c'], otherwise: [] },
    ]);
  });

  test('a choice torn apart is a bug, and told as one', () => {
    const [one, two] = [holes.choice(when), holes.choice(when)];
    for (const text of [one.open, one.close, one.open + two.open + one.close, one.turn])
      expect(() => cut(text, holes, () => 'text')).toThrow(/torn apart|never closed/);
  });

  test('tokens of other texts are words', () => {
    const others = openHoles('another source').field('subscriber.name', null);
    expect(cut(others, holes, () => 'text')).toEqual([others]);
  });

  test('a source that holds its own first prefix gets another', () => {
    const prefix = openHoles('').field('x', null).slice(0, 8);
    expect(openHoles(prefix).field('x', null)).not.toContain(prefix);
  });
});

test.each<[html: string, landing: Landing]>([
  ['<p>@</p>', 'html'],
  ['<p title="@">', 'attribute'],
  ['<img alt="a > b @">', 'html'],
  ['<img alt="a &gt; b @">', 'attribute'],
  ['<a href="@">', 'address'],
  ['<a href="@/more">', 'address'],
  ['<a href="https://example.com/@">', 'url'],
  ['<a class="x" href="https://example.com/?a=b&amp;c=@">', 'url'],
  ['<img src="@">', 'address'],
  ['<p style="color:@">', 'url'],
  ['<title>@</title>', 'html'],
  ['<!--[if mso]><td width="@">', 'attribute'],
])('in %s a value lands as %s', (html, landing) => {
  expect(landingInHtml(html)(html.indexOf('@'))).toBe(landing);
});

test.each<[text: string, landing: Landing]>([
  ['Hello @', 'text'],
  ['[1] https://example.com/?a=@', 'url'],
  ['(https://example.com/@)', 'url'],
  ['see https://example.com/ and @', 'text'],
  ['<mailto:x?subject=@>', 'url'],
])('in the text %j a value lands as %s', (text, landing) => {
  expect(landingInText(text)(text.indexOf('@'))).toBe(landing);
});

test.each<[Landing, string, string]>([
  ['html', `<b>"it's" & more</b>\r\n`, '&#60;b&#62;&#34;it&#39;s&#34; &#38; more&#60;/b&#62; '],
  ['attribute', '" onclick="x', '&#34; onclick=&#34;x'],
  ['url', 'a b/ü?&#\ud800', 'a%20b%2F%C3%BC%3F%26%23%EF%BF%BD'],
  ['address', 'https://example.com/?a="b"', 'https://example.com/?a=&#34;b&#34;'],
  ['address', 'javascript:steal()', ''],
  ['text', 'a\r\nb\0c', 'a b c'],
  ['header', 'a\r\nBcc: x', 'a Bcc: x'],
])('as %s, %j is %j', (landing, value, wanted) => {
  expect(fill([field('x', landing)], () => value, {})).toBe(wanted);
});

describe('the digest', () => {
  const source =
    '---\ntitle: On presses\n---\nHello {{subscriber.name | "you"}}.\n\n![x](x.png)\n\n::: if plan == "pro"\nPro.\n:::\n';
  const digest = async (text = source, changes: Partial<Newsletter> = {}) =>
    (await compile(text, changes)).email!.digest;

  test('is the same for the same input, and of the known form', async () => {
    expect(await digest()).toBe(await digest());
    expect(await digest()).toMatch(/^[a-f\d]{64}$/);
  });

  test.each<[string, string | undefined, Partial<Newsletter>]>([
    ['a word', source.replace('Hello', 'Hallo'), {}],
    ['the subject', source.replace('On presses', 'On ink'), {}],
    ['a fallback', source.replace('"you"', '"friend"'), {}],
    ['the name of a field', source.replace('subscriber.name', 'subscriber.nick'), {}],
    ['a condition', source.replace('"pro"', '"team"'), {}],
    ['what a branch holds', source.replace('Pro.', 'Pros.'), {}],
    ['a preheader', source.replace('---\nH', 'preheader: Read on\n---\nH'), {}],
    ['the slug', source.replace('---\nH', 'slug: other\n---\nH'), {}],
    ['the sender', undefined, { from: { name: 'Another', address: 'news@example.com' } }],
    ['where answers go', undefined, { replyTo: { name: '', address: 'letters@example.com' } }],
    ['the postal address', undefined, { postalAddress: '2 Press Lane' }],
    ['a colour', undefined, { brand: { ...newsletter.brand, accent: '#123456' } }],
    ['how images travel', undefined, { images: 'hosted' }],
  ])('changes with %s', async (_what, text, changes) => {
    expect(await digest(text, changes)).not.toBe(await digest());
  });

  test('does not change with what no reader receives', async () => {
    expect(await digest(source.replace('---\nH', 'draft: false\nsendAt: 2030-01-01T08:00Z\n---\nH'))).toBe(
      await digest(),
    );
    expect(await digest(source, { limits: { ...newsletter.limits, perSecond: 5 }, silence: ['x'] })).toBe(
      await digest(),
    );
  });
});

test('an email comes out of the ledger as it went in', async () => {
  const { email } = await compile(
    '---\ntitle: On presses\n---\n![x](x.png) {{subscriber.x}}\n\n::: if a\nb\n:::\n',
  );
  const again = unpackEmail(packEmail(email!));
  expect({ ...again, embedded: [] }).toEqual({ ...email!, embedded: [] });
  expect(Buffer.from(again.embedded[0]!.bytes)).toEqual(Buffer.from(email!.embedded[0]!.bytes));
  expect(read(again, { a: '1' })).toEqual(read(email!, { a: '1' }));
});
