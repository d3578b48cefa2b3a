import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fill } from '../../src/email/stencil.ts';
import { markBlocks } from '../../src/preview/block-lines.ts';
import { choicesOf, decide } from '../../src/preview/choices-of.ts';
import { drawClipLine } from '../../src/preview/clip-line.ts';
import { darken } from '../../src/preview/darken.ts';
import { frameHtml, type Look } from '../../src/preview/frame-html.ts';
import { mimeTree } from '../../src/preview/mime-tree.ts';
import { outlookBranch } from '../../src/preview/outlook-branch.ts';
import { parseView, SCHEMES, type View, viewQuery, WIDTHS } from '../../src/preview/view.ts';
import { compile } from '../email/sample.ts';
import { realIssues } from '../support/shared.ts';

const look: Look = {
  scheme: 'light',
  images: 'on',
  styles: 'on',
  client: 'browser',
  cid: (id) => `/image?id=${id}`,
  publicUrl: 'https://mail.example.com',
};

describe('the state in the URL', () => {
  test('every view comes back from its own query', () => {
    const view = fc.record({
      ...(Object.fromEntries(
        Object.keys(parseView(new URLSearchParams())).map((name) => [name, fc.constant('')]),
      ) as object),
      width: fc.constantFrom(...WIDTHS),
      scheme: fc.constantFrom(...SCHEMES),
      as: fc.string({ maxLength: 50 }),
      find: fc.string({ maxLength: 50 }),
      choose: fc.constantFrom('', '0.then', '0.else,2.then'),
    });
    const plain = parseView(new URLSearchParams());
    fc.assert(
      fc.property(view, (given) => {
        const { width, scheme, as, find, choose } = given as View;
        const whole = { ...plain, width, scheme, as: as.toWellFormed(), find: find.toWellFormed(), choose };
        expect(parseView(new URLSearchParams(viewQuery(whole)))).toEqual(whole);
      }),
    );
  });

  test('what is not known is as if it were not there', () => {
    expect(
      viewQuery(parseView(new URLSearchParams('pane=../../etc&width=9999&scheme=<script>&choose=x'))),
    ).toBe('');
  });
});

describe('the frame', () => {
  test('decides the colour scheme in place of the browser', () => {
    const html =
      '<head><meta name="color-scheme" content="light dark"><style>@media (prefers-color-scheme: dark) { p { color: #fff } }</style></head>';
    expect(frameHtml(html, look)).toContain('(max-width: 0)');
    const dark = frameHtml(html, { ...look, scheme: 'dark' });
    expect(dark).toContain('(min-width: 0)');
    expect(dark).toContain('<meta name="color-scheme" content="dark"');
  });

  test('shows embedded and not yet published pictures from this machine, and none when they are off', () => {
    const html = '<img src="cid:a@images" alt="A"><img src="https://mail.example.com/images/b.png" alt="B">';
    const shown = frameHtml(html, look);
    expect(shown).toContain('src="/image?id=a@images"');
    expect(shown).toContain('src="/image?id=/images/b.png"');
    expect(frameHtml(html, { ...look, images: 'off' })).not.toMatch(/src="(?!data:)/);
  });

  test('without styles neither a style sheet nor a class is left', () => {
    const html = '<style>.a{color:red}</style><p class="a" style="margin:0">Words</p>';
    expect(frameHtml(html, { ...look, styles: 'off' })).toBe('<p style="margin:0">Words</p>');
  });
});

describe('what mail programs make of colours', () => {
  test('full inversion turns everything around, pictures stay', () => {
    const html = '<p style="color:#000000;background-color:#ffffff">x</p><img src="a.png" alt="">';
    const full = darken(html, 'full');
    expect(full).toContain('color:#ffffff;background-color:#121212');
    expect(full).toContain('<img src="a.png" alt="">');
  });

  test('partial inversion leaves what is dark already', () => {
    const html =
      '<p style="color:#eeeeee;background-color:#222222">a</p><p style="color:#222222;background:#ffffff">b</p>';
    const partial = darken(html, 'partial');
    expect(partial).toContain('color:#eeeeee;background-color:#222222');
    expect(partial).toContain('color:#dddddd;background:#121212');
  });

  test('the hue stays: a red link becomes a lighter red', () => {
    const [, red, green, blue] = /<a style="color:#(..)(..)(..)/.exec(
      darken('<a style="color:#800000">x</a>', 'full'),
    )!;
    const [r, g, b] = [red, green, blue].map((part) => Number.parseInt(part!, 16));
    expect(r).toBeGreaterThan(Math.max(g!, b!));
  });

  test('no text is lost, whatever the style says', () => {
    fc.assert(
      fc.property(fc.string(), (style) => {
        const html = `<p style="${style.replace(/["<>]/g, '')}">Words</p>`;
        expect(darken(html, 'full')).toContain('>Words</p>');
      }),
    );
  });
});

test('Outlook gets the branches that are for it and no other', () => {
  const html = [
    '<!--[if mso | IE]><table><![endif]-->',
    '<!--[if !mso]><!--><p>others</p><!--<![endif]-->',
    '<!--[if lte mso 11]><p>old</p><![endif]-->',
    '<!--[if gte mso 9]><p>new</p><![endif]-->',
  ].join('');
  expect(outlookBranch(html)).toBe('<table><p>new</p>');
});

test('the line where Gmail cuts stands after the last whole block before it, and in no short mail', () => {
  const long = '<p>A paragraph of a long letter.</p>'.repeat(4000);
  const drawn = drawClipLine(long);
  expect(Buffer.byteLength(drawn.slice(0, drawn.indexOf('<p id="clip"')))).toBeLessThanOrEqual(102_000);
  expect(drawn.slice(0, drawn.indexOf('<p id="clip"'))).toMatch(/<\/p>$/);
  expect(drawClipLine('<p>Short.</p>')).toBe('<p>Short.</p>');
});

describe('choices', () => {
  test('are made by hand in all parts, and left to the reader otherwise', async () => {
    const { email } = await compile(
      '# T\n\n::: if subscriber.plan == "pro"\nFor some.\n::: else\nFor all.\n:::\n',
    );
    const choices = choicesOf(email!);
    expect(choices.map(({ label }) => label)).toEqual(['plan == "pro"']);
    const read = (choose: string) => fill(decide(email!.text, choices, choose), () => 'x', {});
    expect(read('')).toContain('For all.');
    expect(read('0.then')).toContain('For some.');
    expect(read('0.then')).not.toContain('For all.');
    expect(read('0.else')).toContain('For all.');
  });
});

describe('lines of blocks', () => {
  test('a block carries the line of its first words', async () => {
    const source =
      '---\ntitle: T\n---\n\nFirst words.\n\n## A heading\n\n- one thing\n- [another](https://x.example.com/) thing\n';
    const { email, issue } = await compile(source);
    const html = markBlocks(
      fill(email!.html, () => 'x', {}),
      issue.body,
      issue.bodyLine,
    );
    const lineOf = (words: string) =>
      [...html.matchAll(/data-line="(\d+)"[^>]*>([\s\S]*?)(?=<\/(?:p|li|h2)>)/g)].find(([, , text]) =>
        text!.includes(words),
      )?.[1];
    expect(lineOf('First words')).toBe('5');
    expect(lineOf('A heading')).toBe('7');
    expect(lineOf('one thing')).toBe('9');
    expect(lineOf('another')).toBe('10');
  });

  test('marks change nothing else', async () => {
    const { email, issue } = await compile('# T\n\nWords & <b>more</b> words.\n\n> A quote.\n');
    const html = fill(email!.html, () => 'x', {});
    expect(markBlocks(html, issue.body, issue.bodyLine).replace(/ data-line="\d+"/g, '')).toBe(html);
  });

  test('most blocks of real issues are placed, and their lines rise', async () => {
    for (const name of realIssues()) {
      const { email, issue } = await compile(readFileSync(name), {}, name);
      if (!email) continue;
      const html = markBlocks(
        fill(email.html, () => 'x', {}),
        issue.body,
        issue.bodyLine,
      );
      const lines = [...html.matchAll(/data-line="(\d+)"/g)].map(([, line]) => Number(line));
      expect(lines.length, name).toBeGreaterThan(3);
      expect(lines, name).toEqual(lines.toSorted((one, other) => one - other));
    }
  });
});

test('the tree of a message has its parts with type, encoding and size', () => {
  const raw = [
    'Subject: x',
    'Content-Type: multipart/alternative;',
    ' boundary="=_a"',
    '',
    '--=_a',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Words',
    '--=_a',
    'Content-Type: multipart/related; boundary==_b',
    '',
    '--=_b',
    'Content-Type: text/html',
    '',
    '<p>',
    '--=_b--',
    '--=_a--',
  ].join('\r\n');
  const tree = mimeTree(raw);
  expect(tree.type).toBe('multipart/alternative');
  expect(tree.parts.map(({ type, encoding, size }) => [type, encoding, size])).toEqual([
    ['text/plain', 'quoted-printable', 5],
    ['multipart/related', '', expect.any(Number)],
  ]);
  expect(tree.parts[1]!.parts.map(({ type }) => type)).toEqual(['text/html']);
});

test('a message of any bytes has a tree', () => {
  fc.assert(fc.property(fc.string(), (raw) => typeof mimeTree(raw).type === 'string'));
});
