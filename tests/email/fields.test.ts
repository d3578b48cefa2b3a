import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { compile, read } from './sample.ts';

const issue = (body: string, head = 'title: On presses') => `---\n${head}\n---\n${body}\n`;

/** The parts of an issue as a reader with these fields gets them. */
async function mail(source: string, fields: Record<string, string>) {
  const { email, findings } = await compile(source);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return { ...read(email!, fields), email: email! };
}

/** The words and the links that a browser shows. */
function shown(html: string) {
  const links: { href: string; text: string; title: string }[] = [];
  const images: { alt: string; src: string }[] = [];
  const tags: string[] = [];
  let text = '';
  const parser = new Parser({
    onopentag(name, { href = '', src = '', alt = '', title = '' }) {
      tags.push(name);
      if (name === 'a') links.push({ href, text: '', title });
      if (name === 'img') images.push({ alt, src });
    },
    ontext(data) {
      text += data;
      if (links.length > 0) links.at(-1)!.text += data;
    },
  });
  parser.end(html);
  return { text, links, images, tags };
}

const HOSTILE = [
  '"><script>steal()</script>',
  "' onmouseover='steal()",
  '<img src=x onerror=steal()>',
  '&lt;b&gt; &amp; &quot;',
  '{{subscriber.other}} {{{x}}} {%x%}',
  '](javascript:steal()) **bold** `code` | x',
  '</td></tr></table></title></style>',
  '\u202eright to left',
  'a\u0000b\u001bc',
  '$& $1 $$',
  '日本語 🦊',
];

describe.each(HOSTILE)('the value %j', (value) => {
  const clean = value.replace(/\p{Cc}+/gu, ' ').replace(/[\u202a-\u202e\u2066-\u2069]/g, '');

  test('is its words, and nothing else, wherever it lands', async () => {
    const source = issue(
      [
        'Dear {{subscriber.x}}, *{{subscriber.x}}*',
        '## For {{subscriber.x}}',
        '[to {{subscriber.x}}](https://example.com/a?b={{subscriber.x}}&c=1 "title {{subscriber.x}}")',
        '![alt {{subscriber.x}}](https://example.com/{{subscriber.x}}.png)',
        '| a | b |\n| - | - |\n| {{subscriber.x}} | c |',
        '- {{subscriber.x}}\n\n> {{subscriber.x}}',
        '<p title="{{subscriber.x}}">{{subscriber.x}}</p>',
      ].join('\n\n'),
      'title: For {{subscriber.x}}\npreheader: Before {{subscriber.x}}',
    );
    const { html, text, subject, email } = await mail(source, { x: value });
    const plain = await mail(source, { x: 'Ann' });
    const [found, wanted] = [shown(html), shown(plain.html)];
    expect(found.tags).toEqual(wanted.tags);
    const name = (words: string) => words.replaceAll('Ann', () => clean);
    expect(found.text).toBe(name(wanted.text));
    expect(found.images[0]).toEqual({
      alt: `alt ${clean}`,
      src: `https://example.com/${encodeURIComponent(clean)}.png`,
    });
    const link = found.links.find(({ href }) => href.startsWith('https://example.com/a'))!;
    expect(link.href).toBe(`https://example.com/a?b=${encodeURIComponent(clean)}&c=1`);
    expect(link.title).toBe(`title ${clean}`);
    expect(subject).toBe(`For ${clean}`);
    expect(text).toContain(`Dear ${clean}, _${clean}_`);
    expect(text).toContain(`https://example.com/a?b=${encodeURIComponent(clean)}&c=1`);
    expect(email.fields).toHaveLength(15);
  });
});

const ADDRESSES: readonly (readonly [value: string, href: string])[] = [
  ['https://example.com/~ann?a=1&b=2', 'https://example.com/~ann?a=1&b=2'],
  ['HTTP://example.com/', 'HTTP://example.com/'],
  ['mailto:ann@example.com', 'mailto:ann@example.com'],
  [' https://example.com/ ', 'https://example.com/'],
  ['javascript:steal()', ''],
  [' \tjavascript:steal()', ''],
  ['java\nscript:steal()', ''],
  ['data:text/html,x', ''],
  ['//evil.test/', ''],
  ['example.com', ''],
  ['https:', ''],
  ['"><script>', ''],
  ['https://example.com/"><script>', 'https://example.com/"><script>'],
];

test.each(ADDRESSES)('as a whole address, %j becomes %j', async (value, href) => {
  const { html } = await mail(issue('[my page]({{subscriber.page}})'), { page: value });
  const link = shown(html).links.find(({ text }) => text.startsWith('my page'))!;
  expect(link.href).toBe(href);
});

test('an address that is none counts as missing: the fallback stands in', async () => {
  const source = issue('[page]({{subscriber.page | "https://example.com/none"}})');
  for (const page of ['', 'javascript:steal()'])
    expect(shown((await mail(source, { page })).html).links.map(({ href }) => href)).toContain(
      'https://example.com/none',
    );
});

test('a value may not bring the scheme of an address either', async () => {
  const source = issue('[x]({{subscriber.a}}{{subscriber.b}}/c) and <a href="{{subscriber.b}}//d">y</a>');
  for (const fields of [
    { a: 'javascript:', b: 'steal()' },
    { a: '', b: 'javascript:steal()' },
  ]) {
    const hrefs = shown((await mail(source, fields)).html).links.map(({ href }) => href);
    expect(hrefs.filter((href) => /^\s*javascript:/i.test(href))).toEqual([]);
  }
});

test('a whole address is not made relative to the website', async () => {
  const { html, text } = await mail(issue('[x]({{subscriber.page}}) ![y]({{subscriber.face}})'), {
    page: 'https://ann.example.com/',
    face: 'https://ann.example.com/face.png',
  });
  expect(html).toContain('href="https://ann.example.com/"');
  expect(html).toContain('src="https://ann.example.com/face.png"');
  expect(text).toContain('[1] https://ann.example.com/');
});

test('the fallback is used when a reader lacks the field, or it is empty', async () => {
  const source = issue('Hello {{subscriber.name | "dear reader {of \'ours\'} <3"}}!');
  for (const fields of [{}, { name: '' }] as Record<string, string>[]) {
    const { html, text } = await mail(source, fields);
    expect(shown(html).text).toContain("Hello dear reader {of 'ours'} <3!");
    expect(text).toContain("Hello dear reader {of 'ours'} <3!");
  }
});

test('without a fallback nothing stands there', async () => {
  expect((await mail(issue('Hello {{subscriber.name}}!'), {})).text).toContain('Hello !');
});

test('names of fields are lower case, as the columns of a list are', async () => {
  const { text, email } = await mail(issue('Hello {{ subscriber.First_Name }}!'), { first_name: 'Ann' });
  expect(text).toContain('Hello Ann!');
  expect(email.fields).toMatchObject([{ field: 'first_name', line: 4, column: 7 }]);
});

test('a backslash keeps it as it is, in text, tables and addresses', async () => {
  const source = issue(
    'Write \\{{subscriber.name | "x"}} so.\n\n| a | b |\n| - | - |\n| \\{{subscriber.name \\| "x"}} | c |\n\n[x](https://example.com/?q=\\{{subscriber.name}})',
    "title: 'On \\{{subscriber.name}}'",
  );
  const { html, text, subject, email } = await mail(source, { name: 'Ann' });
  expect(shown(html).text).toContain('Write {{subscriber.name | "x"}} so.');
  expect(text).toContain('Write {{subscriber.name | "x"}} so.');
  expect(subject).toBe('On {{subscriber.name}}');
  expect(html).toContain('https://example.com/?q=%7B%7Bsubscriber.name%7D%7D');
  expect(html + text).not.toContain('Ann');
  expect(email.fields).toEqual([]);
});

test('in code and comments it is no merge field', async () => {
  const code =
    '{{subscriber.name}} and {{ subscriber.name | "x" }} and \\{{subscriber.name}} and {{links.web}}';
  const { html, text, email } = await mail(
    issue(
      `\`${code}\`\n\n\`\`\`\n${code}\n\`\`\`\n\n> 1. \`\`\`\n>    ${code}\n>    \`\`\`\n\n<!-- ${code} -->\n\n    ${code}\n`,
    ),
    { name: 'Ann' },
  );
  expect(shown(html).text.split(code)).toHaveLength(5);
  expect(text.replace(/\s+/g, ' ').split(code)).toHaveLength(5);
  expect(html + text).not.toContain('Ann');
  expect(email.fields).toEqual([]);
});

const OTHERS = [
  '{{ .Site.Title }}', '{{- if .Params.x -}}', '{{ user.name | upper }}', '{{ message }}', '{{{ raw }}}', '$' + '{{ secrets.TOKEN }}',
  '{{name}}', '{{ subscribers }}', '{{#each x}}', '{{/each}}', '{{> footer}}', '{{!-- x --}}', '{{', '}}', '{{subscriber}',
]; // biome-ignore format: a list

test.each(OTHERS)('%s means something else and stays as it is', async (other) => {
  const { html, text, subject } = await mail(
    issue(`Before ${other} after.\n\n\`${other}\``, `title: 'On ${other}'`),
    { name: 'Ann' },
  );
  expect(shown(html).text).toContain(`Before ${other} after.`);
  expect(text).toContain(`Before ${other} after.`);
  expect(subject).toBe(`On ${other}`);
});

test.each([
  '{{subscriber.}}',
  '{{subscriber.first name}}',
  "{{subscriber.name | 'x'}}",
  '{{subscriber.name | x}}',
  '{{links.web}}',
  '{{subscriber.name',
  '{{subscriber.name}',
  '{subscriber.name}',
])('%s is told at its place', async (written) => {
  const { email, findings } = await compile(issue(`First {{subscriber.ok}}.\n\nThen ${written}.`));
  expect(email).toBeNull();
  expect(findings).toMatchObject([{ rule: 'merge-field', line: 6, column: 6, severity: 'error' }]);
  expect(findings[0]!.message).toContain(written);
});

test('one that is taken out with the HTML around it is told at its place', async () => {
  const { email, findings } = await compile(issue('x\n\n<script>{{subscriber.name}}</script>'));
  expect(email).toBeNull();
  expect(findings).toContainEqual(expect.objectContaining({ rule: 'merge-field', line: 6, column: 9 }));
});

test('it has no part in the id of a heading, and a link finds it for every reader', async () => {
  const { html } = await mail(issue('[down](#news-for)\n\n## News for {{subscriber.name}}\n\nx'), {
    name: 'Ann Lee',
  });
  expect(html).toMatch(/id="news-for"/);
  expect(html).toContain('href="#news-for"');
});

test('what is reported of links and images is what the author wrote', async () => {
  const { email } = await mail(
    issue(
      '[a {{subscriber.x}}](https://example.com/{{subscriber.x}}) ![b {{subscriber.x}}](https://example.com/{{subscriber.x}}.png)\n\n## For {{subscriber.x}}\n\nx',
    ),
    {},
  );
  expect(email.links[0]).toMatchObject({
    href: 'https://example.com/{{subscriber.x}}',
    text: 'a {{subscriber.x}}',
  });
  expect(email.images[0]).toMatchObject({
    src: 'https://example.com/{{subscriber.x}}.png',
    alt: 'b {{subscriber.x}}',
  });
  expect(email.sections.map(({ title }) => title)).toContain('For {{subscriber.x}}');
});

test('no value of a reader, whatever it is, adds an element, an attribute or a scheme', async () => {
  const { email } = await compile(
    issue(
      '{{subscriber.x}} [{{subscriber.x}}]({{subscriber.x}} "{{subscriber.x}}")\n\n![{{subscriber.x}}]({{subscriber.x}})\n\n<p title="{{subscriber.x}}" style="color:red">x</p>',
    ),
  );
  const wanted = shown(read(email!, { x: 'https://example.com/' }).html);
  const piece = fc.constantFrom(
    '"',
    "'",
    '<',
    '>',
    '&',
    '`',
    '=',
    ' ',
    '/',
    'javascript:',
    'https://',
    'script',
    'onload',
    '\n',
    '\0',
    '-->',
    ']]>',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(piece, fc.string({ unit: 'grapheme', maxLength: 5 })), { maxLength: 12 }),
      (parts) => {
        const found = shown(read(email!, { x: parts.join('') }).html);
        expect(found.tags).toEqual(wanted.tags);
        for (const { href } of found.links) expect(href).toMatch(/^(?:$|https?:|mailto:|#)/i);
      },
    ),
    { numRuns: 200 },
  );
});
