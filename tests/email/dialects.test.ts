import { describe, expect, test } from 'vitest';
import { mended } from './mended.ts';
import { compile, read } from './sample.ts';

/** What stands between two words in both parts, styles left out; and what was reported. */
async function between(markdown: string) {
  const { email, findings } = await compile(
    `---\ntitle: On presses\n---\nBegin.\n\n${markdown}\n\nThe end.\n`,
  );
  const { html, text } = read(email!);
  return {
    html: html
      .slice(html.indexOf('Begin.') + 10, html.lastIndexOf('The end.'))
      .replace(/ (?:style|class)="[^"]*"/g, '')
      .replace(/<p>$/, '')
      .trim(),
    text: text.slice(text.indexOf('Begin.') + 6, text.lastIndexOf('The end.')).trim(),
    findings: findings.map(({ rule, line }) => `${line} ${rule}`),
    email: email!,
  };
}

describe('attributes of kramdown and Pandoc', () => {
  test.each([
    ['after a paragraph', 'Words.\n{: .center}', '<p>Words.</p>', 'Words.', 7],
    ['inside one', 'Words{: .x #y} more', '<p>Words more</p>', 'Words more', 6],
    ['with values', '*Words*{: .x width="50%" title=\'a .b\'}', '<p><em>Words</em></p>', '_Words_', 6],
    ['of Pandoc', '*Words*{.x #y}', '<p><em>Words</em></p>', '_Words_', 6],
  ])('%s are left out, and told', async (_what, markdown, html, text, line) => {
    expect(await between(markdown)).toMatchObject({ html, text, findings: [`${line} attributes`] });
  });

  test.each([
    '[Go](https://example.com/go){.button}',
    '[Go](https://example.com/go){: .btn .x}',
    '[Go](https://example.com/go)\n{: .button}',
    '[Go](https://example.com/go "button")',
  ])('%j is a button', async (markdown) => {
    const { email, findings, text } = await between(markdown);
    expect(read(email).html).toMatch(/class="button"[^>]*><a href="https:\/\/example\.com\/go"[^>]*>Go<\/a>/);
    expect(text).toBe('Go [1]');
    expect(findings).toEqual([]);
  });

  test('a heading’s id is its own, and not shown', async () => {
    const { html, text, findings, email } = await between('## The news {#latest}\n\n[up](#latest)');
    expect(html).toMatch(/<h2 id="latest">The news ?<\/h2>/);
    expect(text).toMatch(/^The news\n-{8,9}\n\nup$/);
    expect(findings).toEqual([]);
    expect(email.sections.at(-1)!.title).toBe('The news');
  });

  test.each(['{.5}', '{: }', 'a set {1, 2}', '{{#x}}', '{#each items}', ':{', '`{: .x}`'])(
    '%s is none',
    async (words) => {
      const { text, findings } = await between(`See ${words} here`);
      expect(text).toBe(`See ${words.replaceAll('`', '')} here`);
      expect(findings).toEqual([]);
    },
  );
});

test.each(['[TOC]', '[[_TOC_]]', '* TOC\n{:toc}'])(
  '%j asks for contents, which there are',
  async (markdown) => {
    expect(await between(markdown)).toMatchObject({ html: '', text: '', findings: [] });
  },
);

describe('formulas', () => {
  test.each(['$a_1*b*c_2$', '$$x*y*z$$', '$$\n\\frac{a*b}{c_d}\n$$', '$\\alpha*\\beta*$'])(
    '%j keeps its signs',
    async (formula) => {
      const { html, text } = await between(`See ${formula} here`);
      expect(html).toBe(`<p>See ${formula} here</p>`);
      expect(text).toBe(`See ${formula.replace(/\n/g, ' ')} here`);
    },
  );

  test.each(['$5 and *that* for $10', 'a$ *b* $c', '$5*2*3 for $6'])('%j are prices', async (words) => {
    expect((await between(words)).html).toContain('<em>');
  });
});

describe('marked words', () => {
  test('are marked in HTML, and words in plain text', async () => {
    expect(await between('See ==the *new* press== here')).toMatchObject({
      html: '<p>See <mark>the <em>new</em> press</mark> here</p>',
      text: 'See the _new_ press here',
    });
  });

  test.each(['a == b == c', 'a==b==c', '`==a==`', '====', '== a =='])('%s are none', async (words) => {
    expect((await between(`See ${words} here`)).html).not.toContain('<mark>');
  });
});

describe('definitions', () => {
  test('are a term with its meanings, in both parts', async () => {
    const { html, text, email } = await between(
      'Quoin\n: A wedge that *locks* type\n: A [key](https://example.com/key)\n  for it\n\nForme\n\n: Type, locked',
    );
    expect(html).toMatch(
      /<dl><dt>Quoin<\/dt><dd>A wedge that <em>locks<\/em> type<\/dd><dd>A <a href="https:\/\/example.com\/key">key<\/a>\s+for it<\/dd><dt>Forme<\/dt><dd>Type, locked<\/dd><\/dl>/,
    );
    expect(text).toMatch(
      /^Quoin\n {4}A wedge that _locks_ type\n {4}A key \[1\] for it\n\nForme\n {4}Type, locked/,
    );
    expect(email.links.map(({ href, line }) => `${line} ${href}`)).toEqual(['8 https://example.com/key']);
  });

  test.each(['So\n:tada: it is', '# So\n: it is', ': so it is'])('%j is none', async (markdown) => {
    expect((await between(markdown)).html).not.toContain('<dl>');
  });
});

describe('what a mail cannot play', () => {
  test.each([
    [
      'a film is its picture, title and host, linked',
      '<video src="https://example.com/a.mp4" poster="https://example.com/a.png" title="A press & its owner">No film.</video>',
      '<a href="https://example.com/a.mp4"><img src="https://example.com/a.png" alt width="480"><br>A press &amp; its owner</a></p><p>example.com</p>',
      'A press & its owner [1]\nexample.com',
    ],
    [
      'the first of a film’s files is linked',
      '<video controls>\n<source src="/films/a.mp4">\n<source src="/films/a.webm">\nNo film.\n</video>',
      '<a href="https://news.example.com/films/a.mp4">a.mp4</a>',
      'a.mp4 [1]',
    ],
    [
      'a player is the page of its film',
      '<iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=3" title="Presses"></iframe>',
      '<a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">Presses</a>',
      'Presses [1]\nwww.youtube.com',
    ],
    [
      'sound without a title is its address',
      '<audio src=https://example.com/a.mp3></audio>',
      '<a href="https://example.com/a.mp3">https://example.com/a.mp3</a>',
      'https://example.com/a.mp3',
    ],
    [
      'in a sentence',
      'See <video src="https://example.com/a.mp4">no film</video> here.',
      '<div>See <table',
      'See https://example.com/a.mp4 here.',
    ],
  ])('%s', async (_what, markdown, card, words) => {
    const { html, text } = await between(markdown);
    expect(html).toContain(card);
    expect(text).toContain(words);
    expect(html + text).not.toMatch(/no film/i);
    expect(html).not.toContain('<p></p>');
  });

  test('and has no address leaves nothing', async () => {
    const { html, text } = await between(
      'So <iframe src="javascript:x()"></iframe><video></video><audio src="data:audio/ogg;base64,x"></audio> it is.',
    );
    expect(html).toBe('<p>So  it is.</p>');
    expect(text).toBe('So it is.');
  });

  test('by the thousand takes no time', async () => {
    await between('<video src=x>'.repeat(7_000));
  });
});

describe('a line of raw HTML', () => {
  test.each([
    ['a picture', '<img src="press.png" alt="A press">', /^<p><img [^>]*><\/p>$/],
    [
      'a linked picture',
      '<a href="https://example.com"><img src="press.png" alt="A press"></a>',
      /^<p><a .*<\/a><\/p>$/,
    ],
    ['words after a comment', '<!-- so -->\nWords <b>here</b>.', /^<p>Words <b>here<\/b>\.\s*<\/p>$/],
    ['nothing but a comment', '<!-- so -->', /^$/],
    ['a block', '<div>So</div>', /^<div>So<\/div>\s*$/],
    [
      'the beginning of something',
      '<font color="#333333">\n\nSo\n\n</font>',
      /^<font color="#333333">\s*<p>So<\/p>\s*<\/font>\s*$/,
    ],
  ])('%s', async (_what, markdown, expected) => {
    expect((await between(markdown)).html).toMatch(expected);
  });
});

describe('raw tables', () => {
  test('scroll by themselves, the outermost of each', async () => {
    const { html } = await between(
      '<table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table>\n\n| c |\n| - |\n| d |',
    );
    expect(html.match(/<div tabindex="0"><table/g)).toHaveLength(2);
    expect(html).toMatch(
      /^<div tabindex="0"><table><tr><td>a<table><tr><td>b<\/td><\/tr><\/table><\/td><\/tr><\/table><\/div>/,
    );
  });

  test.each([
    ['<div style="width:900px">a</div>', '<div>a</div>'],
    ['<nobr>a <big>b</big></nobr>', '<p>a b</p>'],
  ])('nothing else is wider than a phone: %s', async (markdown, expected) => {
    expect((await between(markdown)).html.trim()).toBe(expected);
  });
});

test.each([
  [
    '<div style="background-color:#ffffff">a</div>',
    /<div[^>]*class="lit"[^>]*style="color:#1f1c19;background-color:#ffffff">a</,
  ],
  [
    '<div class="x" style="background-color:#000;color:#fff">a</div>',
    /<div class="lit" style="background-color:#000;color:#fff">a</,
  ],
  [
    '<table bgcolor="#ffffff"><tr><td>a</td></tr></table>',
    /<table bgcolor="#ffffff" class="lit" style="[^"]*color:#1f1c19[^"]*"><tr><td>a</,
  ],
])(
  'what an author set on a colour stays legible where all else turns dark: %s',
  async (markdown, expected) => {
    const { email } = await compile(`---\ntitle: x\n---\n${markdown}\n`);
    expect(read(email!).html).toMatch(expected);
    expect(read(email!).html).toContain('.ink .lit a{');
  },
);

describe('notes', () => {
  const notes = async (body: string) => {
    const { email, findings } = await compile(`---\ntitle: On presses\n---\n${body}\n`);
    return { ...read(email!), told: findings.map(({ rule, line, column }) => `${rule} ${line}:${column}`) };
  };

  test('lead back to their first mark, which alone has the name', async () => {
    const { html, told } = await notes('One[^a], again[^a].\n\n[^a]: So.');
    expect(html.match(/id="fnref-1"/g)).toHaveLength(1);
    expect(html.match(/href="#fn-1"/g)).toHaveLength(2);
    expect(told).toEqual([]);
  });

  test('lead back for each reader', async () => {
    const body = '::: if plan == "pro"\nOne[^a].\n::: else\nTwo[^a].\n:::\n\n[^a]: So.';
    const { email } = await compile(`---\ntitle: On presses\n---\n${body}\n`);
    for (const plan of ['pro', 'free'])
      expect(read(email!, { plan }).html.match(/id="fnref-1"/g)).toHaveLength(1);
  });

  test('without a mark, and marks without a note, are told', async () => {
    const { html, told } = await notes('One[^b].\n\n> - Two[^c]\n\n[^a]: So.');
    expect(told).toEqual(['footnote 4:4', 'footnote 6:8', 'footnote 8:1']);
    expect(html).not.toContain('#fnref');
  });
});

test('a link to what only some readers get is told to those who write it for others', async () => {
  const body = [
    '[all](#pro-news)', '::: if plan == "pro"', '## Pro news', '[pros](#pro-news)', '::: else', '[others](#pro-news)', ':::',
    '::: if plan == "pro"', '[pros again](#pro-news)', ':::',
  ].join('\n\n'); // biome-ignore format: a list
  const { findings } = await compile(`---\ntitle: On presses\n---\n${body}\n`);
  expect(findings.map(({ rule, line }) => `${rule} ${line}`)).toEqual(['fragment 4', 'fragment 14']);
});

describe('emoji by name', () => {
  test('are shown', async () => {
    expect(await between('Done :tada: and :+1:')).toMatchObject({
      html: '<p>Done 🎉 and 👍</p>',
      text: 'Done 🎉 and 👍',
    });
  });

  test.each([
    'at 10:30:45',
    ':nosuchname:',
    'a::b',
    'std::string::npos',
    '`:tada:`',
    'https://example.com/:tada:/x',
  ])('%s is none', async (words) => {
    expect((await between(`See ${words} here`)).text).toBe(`See ${words.replaceAll('`', '')} here`);
  });
});

describe('bare addresses beside Chinese and Japanese', () => {
  test('end where the sentence does', async () => {
    const { html, text } = await between('詳細はhttps://example.com/x。次に「https://example.com/y」を見て');
    expect(html.match(/href="[^"]*"/g)).toEqual([
      'href="https://example.com/x"',
      'href="https://example.com/y"',
    ]);
    expect(text).toBe('詳細は https://example.com/x 。次に「 https://example.com/y 」を見て');
  });

  test('in angle brackets are exactly these', async () => {
    const { html, text } = await between('見て<https://example.com/x>次');
    expect(html).toContain('見て<a href="https://example.com/x">https://example.com/x</a>次');
    expect(text).toBe('見て https://example.com/x 次');
  });
});

describe('raw HTML', () => {
  test('a fragment may point to an id or a name in it', async () => {
    expect(
      (await between('<a name="here"></a> <h3 id="there">There</h3>\n\n[a](#here) [b](#there)')).findings,
    ).toEqual([]);
    expect((await between('[c](#nowhere)')).findings).toEqual(['6 fragment']);
  });

  test('a picture is its img', async () => {
    const { html, text, findings } = await between(
      '<picture><source srcset="a.webp"><img src="https://example.com/a.png" alt="A press"></picture>',
    );
    expect(html).toMatch(/<picture><img [^>]*src="https:\/\/example\.com\/a\.png"[^>]*><\/picture>/);
    expect(text).toBe('[A press]');
    expect(findings).toEqual([]);
  });

  test('a caption, cells and lines stay apart in plain text', async () => {
    const { text } = await between(
      '<figure><img src="https://example.com/a.png" alt="A press"><figcaption>In 1811</figcaption></figure>\n\n<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>\n\n<pre>\none\ntwo\n</pre>',
    );
    expect(text).toBe('[A press]\nIn 1811\n\na b\nc\n\none\ntwo');
  });

  test('words are not torn apart by what only styles them', async () => {
    expect((await between('H<sub>2</sub>O, <b>un</b>believable')).text).toBe('H2O, unbelievable');
  });

  test.each([
    ['<td>one</td><td>two</td>', '<div>one</div><div>two</div>'],
    ['<p>one<div>two</div></p>', '<p>one</p><div>two</div>'],
    ['<p>one <b><td>two</b></p>', '<div>one <b><div>two</div></b></div>'],
    ['<table><tr><td>one<table><tr><td>two</table></table>', null],
    ['<table><table><tr><td>one</td></tr></table></table>', '<table><tr><td>one</td></tr></table>'],
    ['<a href="https://example.com/x">one <a href="https://example.com/y">two</a></a>', null],
    ['<h2>one<h3>two</h3></h2>', null],
    ['<li>one<li>two', null],
  ])('%s cannot tear the mail', async (raw, expected) => {
    const { email, html, text } = await between(raw);
    expect(mended(read(email).html)).toEqual([]);
    expect(text).toContain('one');
    if (expected) expect(html).toContain(expected);
  });

  test('what only looks like a tag is words', async () => {
    const { html, text } = await between('A Vec<T> of <user@host> and a < b');
    expect(html).toBe('<p>A Vec&lt;T&gt; of &lt;user@host&gt; and a &lt; b</p>');
    expect(text).toBe('A Vec<T> of <user@host> and a < b');
  });
});

test('an image’s description is words', async () => {
  const { html, text } = await between('![A *fine* press](https://example.com/a.png)');
  expect(html).toContain('alt="A fine press"');
  expect(text).toBe('[A fine press]');
});
