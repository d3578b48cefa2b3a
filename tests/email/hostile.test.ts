import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { compile, read } from './sample.ts';

/** Elements, attributes and addresses of some HTML, as a browser would see them. */
function anatomy(html: string) {
  const found = { tags: new Set<string>(), attributes: new Set<string>(), addresses: [] as string[] };
  const parser = new Parser({
    onopentag(name, attributes) {
      found.tags.add(name);
      for (const [key, value] of Object.entries(attributes)) {
        found.attributes.add(key);
        if (/^(?:href|src|srcset|action|background|data|poster)$/.test(key)) found.addresses.push(value);
        if (key === 'style') found.addresses.push(...(value.match(/url\([^)]*\)/gi) ?? []));
      }
    },
  });
  parser.end(html);
  return found;
}

const issue = (piece: string) =>
  `---\ntitle: On presses\n---\nWhat comes before.\n\n${piece}\n\nWhat follows is **intact**, with [a link](https://example.com/after).\n`;

const HOSTILE: readonly (readonly [what: string, piece: string, rule: string])[] = [
  ['a script', '<script>steal()</script>', 'html-removed'],
  ['a script in a sentence', 'words <script>steal()</script> words', 'html-removed'],
  ['a script that is never closed', '<script>steal()', 'html-removed'],
  ['a script in a picture', '<svg><script>steal()</script></svg>', 'html-removed'],
  ['a script in an element of MJML', '<mj-raw><script>steal()</script></mj-raw>', 'html-removed'],
  ['a script in raw text', '<xmp><script>steal()</script></xmp>', 'html-removed'],
  [
    'a script after the end of the layout',
    '</td></tr></table></body><script>steal()</script>',
    'html-removed',
  ],
  ['an event handler', '<div onclick="steal()">x</div>', 'html-removed'],
  ['an event handler without quotes', '<p onmouseover=steal()>x', 'html-removed'],
  ['an event handler of an image', '<img src=https://example.com/x.png onerror=steal()>', 'html-removed'],
  ['an event handler of a picture', '<svg onload=steal()>', 'html-removed'],
  ['an event handler of a part that opens', '<details ontoggle=steal() open>x</details>', 'html-removed'],
  [
    'an event handler in what looks like another element',
    '<noscript><p title="</noscript><img src=x onerror=steal()>">',
    'html-removed',
  ],
  ['a javascript: link', '[x](javascript:steal())', 'html-removed'],
  ['a javascript: link in mixed case', '[x](JaVaScRiPt:steal())', 'html-removed'],
  ['a javascript: link with a tab in it', '[x](<java\tscript:steal()>)', 'html-removed'],
  ['a javascript: link in HTML', '<a href="javascript:steal()">x</a>', 'html-removed'],
  ['a javascript: link with a reference in it', '<a href="java&#10;script:steal()">x</a>', 'html-removed'],
  ['a javascript: link behind a control character', '<a href="&#1;javascript:steal()">x</a>', 'html-removed'],
  [
    'a javascript: link in a picture',
    '<svg><a xlink:href="javascript:steal()"><text>x</text></a></svg>',
    'html-removed',
  ],
  [
    'a javascript: link in a formula',
    '<math><mi xlink:href="javascript:steal()">x</mi></math>',
    'html-removed',
  ],
  ['a vbscript: link', '<a href="vbscript:steal()">x</a>', 'html-removed'],
  ['a data: link', '[x](data:text/html;base64,PHNjcmlwdD4=)', 'html-removed'],
  ['a data: link in HTML', '<a href="data:text/html,steal()">x</a>', 'html-removed'],
  ['a javascript: image', '![x](javascript:steal())', 'image-address'],
  ['a data: image', '<img src="data:image/svg+xml,steal()">', 'image-address'],
  ['a style sheet', '<style>body { display: none }</style>', 'html-removed'],
  ['a style sheet that is never closed', '<style>body { display: none', 'html-removed'],
  ['an imported style sheet', '<style>@import url(https://evil.test/x.css);</style>', 'html-removed'],
  ['a linked style sheet', '<link rel="stylesheet" href="https://evil.test/x.css">', 'html-removed'],
  ['remote CSS', '<p style="background:url(https://evil.test/x.png)">x</p>', 'html-style'],
  ['remote CSS in disguise', '<p style="background:u\\72l(https://evil.test/x.png)">x</p>', 'html-style'],
  ['CSS that runs', '<p style="width:expression(steal())">x</p>', 'html-style'],
  [
    'a remote background',
    '<table background="https://evil.test/x.png"><tr><td>x</td></tr></table>',
    'html-removed',
  ],
  ['a declaration without a colon', '<p style="max-height=80%;">x</p>', 'html-style'],
  ['a frame', '<iframe src="https://example.com/video"></iframe>', 'html-embed'],
  ['a frame that runs', '<iframe src="javascript:steal()"></iframe>', 'html-removed'],
  [
    'a form',
    '<form action="https://evil.test/"><input name="password"><button>x</button></form>',
    'html-removed',
  ],
  ['a field that takes the focus', '<input autofocus onfocus=steal()>', 'html-removed'],
  ['a refresh', '<meta http-equiv="refresh" content="0;url=https://evil.test/">', 'html-removed'],
  ['a base', '<base href="https://evil.test/">', 'html-removed'],
  ['an object', '<object data="https://evil.test/x.swf"></object>', 'html-removed'],
  ['a body of its own', '<body onload=steal()>', 'html-removed'],
  ['a comment that is never closed', '<!-- never', 'html-unclosed'],
  ['a comment in a sentence that is never closed', 'words <!-- never', 'html-unclosed'],
  ['a tag that is never closed', '<div', 'html-unclosed'],
  ['a link that is never closed', 'words <a href="https://example.com', 'html-unclosed'],
  ['a quote that is never closed', "<p title='>x", 'html-unclosed'],
  ['an instruction', '<?php steal(); ?>', 'html-removed'],
  ['an instruction that is never closed', '<?php steal();', 'html-unclosed'],
  ['character data that is never closed', '<![CDATA[ x', 'html-unclosed'],
];

const clean = await compile(issue('x'));
const CLEAN = anatomy(read(clean.email!).html);
/** What Markdown itself makes of these pieces, beside what the layout has. */
const TAGS = new Set([
  ...CLEAN.tags,
  ...['a', 'p', 'div', 'img', 'span', 'em', 'td', 'tr', 'table', 'tbody'],
]);

describe.each(HOSTILE)('%s', (_what, piece, rule) => {
  test('is told at its line, and neither part holds it, nor loses what follows', async () => {
    const { email, findings } = await compile(issue(piece));
    expect(findings.map((finding) => `${finding.line} ${finding.rule}`)).toContain(`6 ${rule}`);
    // What cannot be shown stops a send; here it is looked at all the same.
    const { html, text } = read(email!);
    const found = anatomy(html);
    expect([...found.tags].filter((tag) => !TAGS.has(tag))).toEqual([]);
    expect([...found.attributes].filter((name) => /^on|^xlink|^srcdoc|^action/.test(name))).toEqual([]);
    expect(found.addresses.filter((address) => !/^(?:https:|mailto:|#|cid:)/.test(address))).toEqual([]);
    expect(found.addresses.filter((address) => address.includes('evil.test'))).toEqual([]);
    expect(html.match(/<style/g)).toHaveLength(read(clean.email!).html.match(/<style/g)!.length);
    expect(html).toMatch(/<strong[^>]*>intact<\/strong>, with <a href="https:\/\/example\.com\/after"/);
    expect(text).toContain('What follows is *intact*, with a link [');
    // The text part holds no address that a program would make a link of.
    expect(text).not.toMatch(/(?:javascript|vbscript|data):(?!.*"\)?)/i);
  });
});

test('the words of a formula stay, its markup goes', async () => {
  const { email } = await compile(
    issue('<math><mi>x</mi><mo>+</mo><mn>1</mn><annotation>\\x</annotation></math>'),
  );
  const { html, text } = read(email!);
  expect(html).toContain('>x+1<');
  expect(text).toContain('x+1\n');
});

test.each([
  ['<b>words', ['4:1 html-unclosed']],
  ['<div>\n\nwords\n\n</div>', []],
  ['<ul><li>one<li>two</ul>', []],
  ['<table><tr><td>one</table>', []],
  ['<div><b>words</div>', ['4:6 html-unclosed']],
  ['Words <span>and\n\nmore</span>', []],
  ['<!-- <b> -->', []],
  ['`<b>`', []],
])('elements that are never closed are told: %j', async (body, expected) => {
  const { findings } = await compile(`---\ntitle: x\n---\n${body}\n`);
  expect(findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`)).toEqual(expected);
});

test.each([
  ['Words <my-element>here</my-element>.', ['4:7 html-unknown']],
  ['<tweet id="1"></tweet>', ['4:1 html-unknown']],
  ['A Vec<T> and <name@example.com>.', []],
])('what is no element of HTML, but looks like one, is told: %j', async (body, expected) => {
  const { findings } = await compile(`---\ntitle: x\n---\n${body}\n`);
  expect(findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`)).toEqual(expected);
});

test.each([
  ['<div>**words** here</div>', '4:6'],
  ['<center>\n[a link](https://example.com)\n</center>', '5:1'],
  ['<div>\n## Words\n</div>', '5:1'],
  ['<div>\n\n**words**\n\n</div>', ''],
  ['<pre>**words**</pre>', ''],
  ['<div>2 ** 3 ** 4</div>', ''],
])('Markdown that HTML swallows is told: %j', async (body, place) => {
  const { findings } = await compile(`---\ntitle: x\n---\n${body}\n`);
  const told = findings.map(({ line, column, rule }) => `${line}:${column} ${rule}`);
  expect(told).toEqual(place === '' ? [] : [`${place} html-markdown`]);
});

test('an embed leaves a link, in both parts', async () => {
  const { email } = await compile(
    issue('<iframe src="https://example.com/video" title="The press at work"></iframe>'),
  );
  const { html, text } = read(email!);
  expect(html).toMatch(/<a href="https:\/\/example\.com\/video"[^>]*>The press at work<\/a>/);
  expect(text).toContain('https://example.com/video');
});

test('markup in code is words', async () => {
  const { email, findings } = await compile(
    issue('`<script>steal()</script>`\n\n```html\n<script>steal()</script>\n```'),
  );
  expect(findings).toEqual([]);
  expect(
    read(email!)
      .html.replace(/<[^>]*>/g, '')
      .match(/&lt;script&gt;steal\(\)/g),
  ).toHaveLength(2);
  expect(read(email!).text.match(/<script>steal\(\)<\/script>/g)).toHaveLength(2);
});

const many = (text: string, size = 50_000) => text.repeat(Math.ceil(size / text.length));

/** What makes a careless parser slow, 50 KB of each. Not timed: a quadratic one takes minutes and the test ends. */
describe.each<[string, string]>([
  ['[', many('[')],
  ['![', many('![')],
  ['<', many('<')],
  ['<a ', many('<a ')],
  ['<a href="', many('<a href="')],
  ['<a href="x"> in a block', `<div>${many('<a href="x">')}`],
  ['<img in a block', `<div>${many('<img ')}`],
  ['<img alt=" in a block', `<div>${many('<img alt="')}`],
  ['<!--', many('<!--')],
  ['<script>', many('<script>')],
  ['<?', many('<?')],
  ['a handler’s name', `<p ${many('on')}>`],
  ['a style of one declaration', `<p style="${many('a')}">`],
  ['spaces in a tag', `<p x${many(' ')}>`],
  ['*', many('*')],
  ['*a ', many('*a ')],
  ['**a *b', many('**a *b ')],
  ['_a', many('_a')],
  ['~a', many('~a')],
  ['backticks', many('`a``')],
  ['backticks of all lengths', Array.from({ length: 440 }, (_, length) => '`'.repeat(length)).join('a ')],
  ['[a](b', many('[a](b')],
  ['[a](<b', many('[a](<b')],
  ['==a', many('==a')],
  ['== a==', many('==a ')],
  ['terms', many('a\n')],
  ['terms with meanings', many('a\n: b\n')],
  ['meanings', `a\n${many(': b\n')}`],
  ['cells', `${many('<td>', 25_000)}${many('</td>', 25_000)}`],
  ['[^a', many('[^a')],
  ['notes', Array.from({ length: 3000 }, (_, index) => `[^${index}]: x\n`).join('')],
  ['a note of many lines', `[^1]: ${many('a\n')}`],
  ['a note of blank lines', `[^1]: a\n${many('    \n')}x`],
  ['| ', `${many('| a ', 10_000)}\n${many('|-', 5_000)}\n${many('| b ', 80_000)}`],
  ['# a', many('# a\n')],
  ['## a', many('## a\n\n', 18_000)],
  ['a@', many('a@')],
  ['a.a.a@', `${many('a.')}@`],
  ['http://', many('http://')],
  ['www.a', many('www.a')],
  ['&', many('&')],
  ['{{', many('{{')],
  ['{{subscriber.', many('{{subscriber.')],
  ['{{subscriber.a | "', many('{{subscriber.a | "')],
  ['merge fields', Array.from({ length: 5000 }, (_, index) => `{{subscriber.a${index}}}`).join(' ')],
  ['::: if a', many('::: if a\n')],
  [':::', many(':::\n')],
  ['fences', many('```\n')],
  ['one long word', many('a')],
  ['spaces', `a${many(' ')}b`],
  ['lines and a rule', `${many('a\n')}---`],
  ['definitions', many('[a]: b\n')],
])('50 KB of %s', (_what, source) => {
  test('is compiled, or told about', async () => {
    const { email, findings } = await compile(`---\ntitle: On presses\n---\n${source}\n`);
    expect(email !== null || findings.some(({ severity }) => severity === 'error')).toBe(true);
  }, 30_000);
});

describe.each<[string, string, number]>([
  ['quotes', `first\n\n${'>'.repeat(1000)} x`, 6],
  ['lists', `first\n\n${'- '.repeat(1000)}x`, 6],
  ['emphasis', `first\n\n${'*'.repeat(4000)}a${'*'.repeat(4000)}`, 4],
  ['elements', `first\n\n${'<div>'.repeat(3000)}x${'</div>'.repeat(3000)}`, 4],
  ['choices', `first\n\n${'::: if a\n\nx\n\n'.repeat(2000)}${':::\n'.repeat(2000)}`, 86],
])('thousands of %s, one inside another', (_what, source, line) => {
  test('are told at their line, without a stack trace', async () => {
    const { email, findings } = await compile(`---\ntitle: On presses\n---\n${source}\n`);
    expect(email).toBeNull();
    const [first] = findings.filter(({ severity }) => severity === 'error');
    expect(first).toMatchObject({
      line,
      message: expect.stringMatching(/nested too deeply|one inside another/),
    });
  });
});

test('what people do nest is sent: 20 quotes, 10 lists, 100 elements', async () => {
  for (const source of [
    `${'> '.repeat(20)}x`,
    Array.from({ length: 10 }, (_, depth) => `${'  '.repeat(depth)}- item`).join('\n'),
    `${'<div>'.repeat(100)}x${'</div>'.repeat(100)}`,
  ])
    expect((await compile(`---\ntitle: On presses\n---\n${source}\n`)).findings).toEqual([]);
});

test('a very long text without a blank line is sent as it is, and told about', async () => {
  const { email, findings } = await compile(
    `---\ntitle: On presses\n---\nfirst\n\n${'some *words* '.repeat(2000)}\n`,
  );
  expect(findings).toMatchObject([{ rule: 'text-long', line: 6 }]);
  expect(read(email!).text.replace(/\s+/g, ' ')).toContain('some *words* some *words*');
});
