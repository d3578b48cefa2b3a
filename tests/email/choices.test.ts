import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { compile, read } from './sample.ts';

const issue = (body: string) => `---\ntitle: On presses\n---\n${body}\n`;

async function readers(body: string) {
  const { email, findings } = await compile(issue(body));
  expect(findings).toEqual([]);
  return {
    email: email!,
    pro: read(email!, { plan: 'pro' }),
    free: read(email!, { plan: 'free' }),
  };
}

const words = (html: string) =>
  html.replace(/<(?:style|title)[\s\S]*?<\/(?:style|title)>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');

/** Elements that are opened and not closed, or closed and not opened; as written, a parser would mend it. */
function unbalanced(html: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const parser = new Parser({
    onopentag(name, _attributes, implied) {
      if (implied) faults.push(`<${name}> implied`);
      open.push(name);
    },
    onclosetag(name, implied) {
      if (implied && !['br', 'img', 'hr', 'meta', 'link', 'wbr', 'col'].includes(name))
        faults.push(`</${name}> missing`);
      if (open.pop() !== name) faults.push(`</${name}> elsewhere`);
    },
  });
  parser.end(html);
  return [...faults, ...open];
}

describe('a choice', () => {
  test('is one branch in both parts, and only that', async () => {
    const { pro, free } = await readers(
      '::: if subscriber.plan == "pro"\nFor *pros*.\n::: else\nFor all.\n:::\n\nThe end.',
    );
    expect(words(pro.html)).toContain('For pros .');
    expect(pro.html + pro.text).not.toContain('For all.');
    expect(free.html + free.text).not.toContain('pros');
    expect(pro.text).toContain('\n\nFor _pros_.\n\nThe end.\n\n');
    expect(free.text).toContain('\n\nFor all.\n\nThe end.\n\n');
  });

  test('without else leaves no gap behind', async () => {
    const { pro, free } = await readers('Start.\n\n::: if plan == "pro"\nFor pros.\n:::\n\nThe end.');
    expect(pro.text).toContain('Start.\n\nFor pros.\n\nThe end.\n\n');
    expect(free.text).toContain('Start.\n\nThe end.\n\n');
  });

  test('may be nested, also in the other branch', async () => {
    const { email } = await compile(
      issue(
        '::: if a\nA\n\n::: if b\nAB\n::: else\nAx\n:::\n\n::: else\n\n::: if b\nxB\n::: else\nxx\n:::\n:::\n',
      ),
    );
    const found = [{ a: '1', b: '1' }, { a: '1' }, { b: '1' }, {}].map((fields) => {
      const { text } = read(email!, fields as Record<string, string>);
      return text.split('==\n')[1]!.split('-- ')[0]!.trim().replace(/\s+/g, ' ');
    });
    expect(found).toEqual(['A AB', 'A Ax', 'xB', 'xx']);
  });

  test('may stand in a list, a quote and a note', async () => {
    const { pro, free } = await readers(
      '- one\n\n  ::: if plan == "pro"\n  two\n\n  - deep\n  ::: else\n  three\n  :::\n\n  four\n- five\n\n> six\n>\n> ::: if plan == "pro"\n> seven\n> :::\n',
    );
    expect(words(pro.html)).toMatch(/one two deep four five six seven/);
    expect(words(free.html)).toMatch(/one three four five six /);
    expect(pro.text).toContain('- one\n\n  two\n\n  - deep\n\n  four');
    expect(free.text).toContain('- one\n\n  three\n\n  four');
    expect(pro.text).toContain('> six\n>\n> seven\n');
    expect(free.text).toContain('> six\n');
    expect(free.html + free.text).not.toMatch(/two|deep|seven/);
  });

  test('may hold a table, code, images and HTML', async () => {
    const { pro, free, email } = await readers(
      '::: if plan == "pro"\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```\n::: code\n:::\n```\n\n![face](face.png)\n\n<div>raw <a href="https://example.com/raw">link</a></div>\n:::\n\nend',
    );
    expect(words(pro.html)).toContain('raw link');
    expect(pro.html).toContain('::: code');
    expect(pro.html).toContain('src="cid:');
    expect(free.html).not.toContain('cid:');
    expect(email.images).toHaveLength(1);
    expect(email.links.map(({ href }) => href)).toEqual(['https://example.com/raw']);
  });

  test('shows the addresses of its links only to whom they are for', async () => {
    const { pro, free } = await readers(
      'See [this](https://example.com/all).\n\n::: if plan == "pro"\nAnd [that](https://example.com/pro).\n:::\n\nAnd [more](https://example.com/more).',
    );
    expect(free.html + free.text).not.toContain('example.com/pro');
    expect(pro.text).toContain('And that <https://example.com/pro>.');
    // The numbers of the others are the same for all.
    for (const { text } of [pro, free])
      expect(text).toContain('[1] https://example.com/all\n[2] https://example.com/more\n');
  });

  test('in code is code', async () => {
    const { pro } = await readers('```\n::: if a\n:::\n```\n\n~~~~\n```\n::: else\n~~~~');
    expect(pro.text).toContain('::: if a');
    expect(pro.text).toContain('::: else');
  });

  test.each([
    '- ```js\n  code\n  ```\n- so',
    '1. so\n\n   ~~~\n   code\n   ~~~',
    '> - ```\n>   code\n>   ```',
    '- ```js\n  never closed',
    '- ```inline``` words',
  ])('is one below %j', async (above) => {
    const { pro, free } = await readers(`${above}\n\n::: if plan == "pro"\nyes\n::: else\nno\n:::`);
    expect([pro.text, free.text].map((text) => /\n(yes|no)\n/.exec(text)?.[1])).toEqual(['yes', 'no']);
  });

  test('compares as its language says', async () => {
    const { email } = await compile(
      issue('::: if age >= 18 and not (city contains "ulm") or vip\nyes\n::: else\nno\n:::'),
    );
    const says = (fields: Record<string, string>) => /\byes\b/.test(read(email!, fields).text);
    expect([says({ age: '18' }), says({ age: '9' }), says({ age: '20', city: 'Neu-Ulm' }), says({ vip: '1' })]).toEqual([
      true, false, false, true,
    ]); // biome-ignore format: a list
  });
});

describe('sections inside a choice', () => {
  const body = [
    '[to it](#last)', '## First', 'one', '::: if plan == "pro"', 'Before.', '## For pros', 'two [x](https://example.com/pro)',
    '### Smaller', '## More for pros', 'three', '::: else', '## For all', 'four', ':::', 'Between.', '## Last', 'five',
  ].join('\n\n'); // biome-ignore format: a list

  test('are rows and entries of the contents for these readers only', async () => {
    const { email, pro, free } = await readers(body);
    expect(email.sections.map(({ title, line }) => `${title} ${line}`)).toEqual([
      ' 4', 'First 6', ' 4', 'For pros 14', 'More for pros 20', 'For all 26', ' 4', 'Last 34',
    ]); // biome-ignore format: a list
    const entries = (html: string) =>
      [...html.matchAll(/<a [^>]*href="#([^"]+)"[^>]*>([^<]*)/g)].map((match) => match[2]);
    expect(entries(pro.html)).toEqual(['First', 'For pros', 'More for pros', 'Last', 'to it']);
    expect(entries(free.html)).toEqual(['First', 'For all', 'Last', 'to it']);
    expect(words(pro.html)).toMatch(
      /First one Before\. For pros two x Smaller More for pros three Between\. Last five/,
    );
    expect(words(free.html)).toMatch(/First one For all four Between\. Last five/);
    expect(free.html + free.text).not.toMatch(/Before|two|three|example\.com\/pro/);
    // A row that a reader does not get is not there at all: no empty one with its padding.
    const rows = (html: string) => html.match(/<td class="[^"]*\b(?:pad|body)\b/g)!.length;
    expect(rows(pro.html) - rows(free.html)).toBe(2);
  });

  test('read well as plain text', async () => {
    const { pro, free } = await readers(body);
    const part = (text: string) => text.slice(text.indexOf('First'), text.indexOf('\n-- '));
    expect(part(free.text)).toBe(
      'First\n-----\n\none\n\nFor all\n-------\n\nfour\n\nBetween.\n\nLast\n----\n\nfive\n',
    );
    expect(part(pro.text)).toBe(
      'First\n-----\n\none\n\nBefore.\n\nFor pros\n--------\n\ntwo x [1]\n\n### Smaller\n\n[1] https://example.com/pro\n\n' +
        'More for pros\n-------------\n\nthree\n\nBetween.\n\nLast\n----\n\nfive\n',
    );
  });

  test('are found by the contents’ links', async () => {
    const { pro, free } = await readers(body.replace('[to it](#last)', ''));
    for (const { html } of [pro, free])
      for (const [, id] of html.matchAll(/href="#([^"]+)"/g))
        expect(html.match(new RegExp(` (?:id|name)="${id}"`, 'g'))).toHaveLength(1);
  });

  test('may be in a choice inside a choice', async () => {
    const { email } = await compile(
      issue('::: if a\n\n## A\n\n::: if b\n\n## AB\n\n::: else\n\n## Ax\n\n:::\n\n:::\n\n## End'),
    );
    const titles = (fields: Record<string, string>) =>
      [...read(email!, fields).html.matchAll(/<h2[^>]*>([^<]*)/g)].map((match) => match[1]);
    expect(titles({ a: '1', b: '1' })).toEqual(['A', 'AB', 'End']);
    expect(titles({ a: '1' })).toEqual(['A', 'Ax', 'End']);
    expect(titles({ b: '1' })).toEqual(['End']);
  });

  test('may be the whole issue', async () => {
    const { pro, free } = await readers(
      '::: if plan == "pro"\n\n## A\n\none[^1]\n\n::: else\n\n## B\n\ntwo\n\n:::\n\n[^1]: A note.',
    );
    expect(words(pro.html)).toMatch(/A one 1 (?:Notes )?A note\. ↩/);
    expect(words(free.html)).toMatch(/B two (?!.*note)/);
  });
});

describe('a note', () => {
  const body =
    'All.[^a]\n\n::: if plan == "pro"\nPros.[^b]\n::: else\nFree.[^c]\n:::\n\nAll.[^d] [^b]\n\n[^a]: Note a.\n[^c]: Note c.\n[^b]: Note b.\n[^d]: Note d.';

  test('whose mark is for some readers only is for these only, its number the same', async () => {
    const { pro, free } = await readers(body);
    expect(free.text).toMatch(/All\. \(1\)\n\nFree\. \(2\)\n\nAll\. \(4\) +\(3\)/);
    expect(free.text).toContain('(1) Note a.\n\n(2) Note c.\n\n(3) Note b.\n\n(4) Note d.\n\n');
    expect(pro.text).toContain('(1) Note a.\n\n(3) Note b.\n\n(4) Note d.\n\n');
    expect(pro.html).not.toContain('Note c');
    expect(pro.html).toMatch(/<li[^>]* value="3"[^>]*>(?:(?!<li).)*Note b/s);
    for (const { html } of [pro, free])
      for (const [, id] of html.matchAll(/href="#(fn[^"]*)"/g)) expect(html).toContain(`id="${id}"`);
  });

  test('in a list, a quote or a choice is not lost', async () => {
    const { pro } = await readers(
      '- x[^1]\n\n  [^1]: In a list.\n\n> y[^2]\n>\n> [^2]: In a quote.\n\n::: if plan\n\nz[^3]\n\n[^3]: In a choice.\n\n:::',
    );
    for (const note of ['In a list.', 'In a quote.', 'In a choice.']) {
      expect(pro.html).toContain(note);
      expect(pro.text).toContain(note);
    }
  });
});

test.each([
  ['an operator that there is not', 'x\n\n::: if plan = "pro"\nx\n:::', 6, '"=" is not expected here'],
  ['no condition', 'x\n\n::: if\nx\n:::', 6, 'is missing'],
  ['a call', 'x\n\n::: if plan.trim() == "x"\nx\n:::', 6, 'is not expected here'],
  ['an end too many', 'x\n\n:::', 6, 'There is no "::: if"'],
  ['an else too many', '::: if a\nx\n::: else\ny\n::: else\nz\n:::', 8, 'second "::: else"'],
  ['an end that is missing', 'x\n\n::: if a\nx', 6, 'never closed'],
  ['an end outside of the list it begins in', '- x\n\n  ::: if a\n  y\n\n:::', 6, 'never closed'],
])('%s is told at its line', async (_what, body, line, message) => {
  const { email, findings } = await compile(issue(body));
  expect(email).toBeNull();
  expect(findings.map((finding) => [finding.rule, finding.line, finding.message])).toContainEqual([
    'choice',
    line,
    expect.stringContaining(message),
  ]);
});

/** Markdown of blocks that may hold others, choices among them. */
const markdown = fc.letrec<{ blocks: string; block: string }>((tie) => ({
  blocks: fc.array(tie('block'), { minLength: 1, maxLength: 4 }).map((blocks) => blocks.join('\n\n')),
  block: fc.oneof(
    { depthSize: 'small', maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      'A line of *words*.', '## A section', '### A heading', '- a\n- b', '> a quote', '| a | b |\n| - | - |\n| c | d |', '---',
      '```\n::: code\n```', '<div class="x">raw', '</div>', '<b>bold', '![x](x.png)', 'a note[^1]', '[^1]: note', '{{subscriber.x}}', '1. one\n\n   two',
    ),
    fc.tuple(fc.constantFrom('a', 'not b', 'a and b'), tie('blocks'), fc.option(tie('blocks'))).map(
      ([when, then, otherwise]) =>
        `::: if ${when}\n\n${then}\n\n${otherwise === null ? '' : `::: else\n\n${otherwise}\n\n`}:::`,
    ),
    tie('blocks').map((inner) => `- item\n\n${inner.replace(/^(?=.)/gm, '  ')}`),
    tie('blocks').map((inner) => inner.replace(/^/gm, '> ')),
  ),
})).blocks; // biome-ignore format: a table

test('whatever is chosen, the HTML of every reader is balanced and both parts end as they should', async () => {
  await fc.assert(
    fc.asyncProperty(markdown, async (body) => {
      const { email, findings } = await compile(issue(body));
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      for (const fields of [{}, { a: '1' }, { b: '1' }, { a: '1', b: '1' }] as Record<string, string>[]) {
        const { html, text } = read(email!, { ...fields, x: '</td>' });
        expect(unbalanced(html)).toEqual([]);
        expect(html).toMatch(/<\/html>\s*$/);
        expect(text).toContain('\n\n-- \n');
        expect(text).not.toMatch(/\u2028|\u2029|\n{4,}/);
      }
    }),
    { numRuns: 60 },
  );
});
