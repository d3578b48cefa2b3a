import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outlookBranch } from '../../src/preview/outlook-branch.ts';
import { unbalanced } from '../look/unbalanced.ts';
import { missing, ofHtml, ofMarkdown, wordsOf } from './content.ts';
import { mended } from './mended.ts';
import { compile, read } from './sample.ts';

// Markdown made by a small grammar. Words never look like marks of Markdown.
const word = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z]{2,9}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Über', '印刷', 'かな', 'نامه', 'עברית', '한글', '1811', '🗞️', 'Vec&lt;T&gt;'),
  },
);
const some = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
const address = word.map((path) => `https://example.com/${encodeURIComponent(path)}?a=1&b=2`);

const inline: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: some },
  some.map((words) => `*${words}*`),
  some.map((words) => `**${words}**`),
  some.map((words) => `***${words}***`),
  some.map((words) => `~~${words}~~`),
  some.map((words) => `\`${words.replaceAll('&', '')}\``),
  some.map((words) => `<b>${words}</b>`),
  some.map((words) => `<span onclick="x()">${words}</span>`),
  some.map((words) => `![${words}](press.png "A press")`),
  address.map((href) => `<${href}>`),
  address.map((href) => `${href} `),
  fc.tuple(some, address).map(([words, href]) => `[${words}](${href})`),
  fc.tuple(some, address).map(([words, href]) => `[**${words}**](<${href}> "${words}")`),
  fc.constantFrom('\\*', '1 < 2', 'a & b', '&copy;', '  \n', '\\\n', 'x_y_z', '<br>'),
);
const line = fc.array(inline, { minLength: 1, maxLength: 6 }).map((parts) => `so ${parts.join(' ')} on`);
/** For headings and cells, which have no second line. */
const short = line.map((text) => text.replace(/\\?\n/g, ''));

const under = (first: string, text: string) =>
  first + text.replace(/\n(?=[^\n])/g, `\n${' '.repeat(first.length)}`);

const { block } = fc.letrec<{ block: string; blocks: string }>((tie) => ({
  blocks: fc.array(tie('block'), { minLength: 1, maxLength: 3 }).map((all) => all.join('\n\n')),
  block: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: line },
    fc.tuple(fc.integer({ min: 1, max: 6 }), short).map(([depth, text]) => `${'#'.repeat(depth)} ${text}`),
    fc
      .tuple(fc.constantFrom('', 'ts', 'html', 'nosuch'), some)
      .map(([lang, code]) => `\`\`\`${lang}\n${code}\n  ${code}\n\`\`\``),
    fc.constant('---'),
    fc
      .array(
        fc.array(
          short.map((text) => text.replaceAll('|', '')),
          { minLength: 3, maxLength: 3 },
        ),
        { minLength: 2, maxLength: 4 },
      )
      .map(([head, ...rows]) =>
        [head!, [':--', '--:', ':-:'], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n'),
      ),
    some.map((text) => `<div class="x">${text}</div>`),
    some.map((text) => `<table><tr><td>${text}<td>${text}</table>`),
    fc
      .array(tie('blocks'), { minLength: 1, maxLength: 3 })
      .map((items) => items.map((text) => under('- ', text)).join('\n')),
    fc
      .array(tie('blocks'), { minLength: 1, maxLength: 3 })
      .map((items) => items.map((text, at) => under(`${at + 7}. `, text)).join('\n\n')),
    fc
      .array(line, { minLength: 1, maxLength: 3 })
      .map((items) => items.map((text, at) => under('- ', `${at % 2 ? '[x]' : '[ ]'} ${text}`)).join('\n')),
    tie('blocks').map((text) => text.replace(/^/gm, '> ')),
    tie('blocks').map((text) => `> [!TIP]\n> so\n>\n${text.replace(/^/gm, '> ')}`),
    fc.tuple(line, some).map(([text, note]) => `${text}[^n]\n\n[^n]: ${note}`),
  ),
}));
const body = fc.array(block, { minLength: 1, maxLength: 6 }).map((blocks) => {
  // A mark and its note, then the next two: of two notes of one name only the first counts.
  let marks = 0;
  return blocks.join('\n\n').replaceAll('[^n]', () => `[^n${Math.floor(marks++ / 2)}]`);
});

/** Both parts of an issue, their HTML found well formed in a browser and in Outlook. */
async function partsOf(markdown: string) {
  const { email, findings } = await compile(`---\ntitle: On presses\n---\n\n${markdown}\n`);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { html, text } = read(email!);
  expect(mended(html)).toEqual([]);
  expect(unbalanced(outlookBranch(html)), 'in Outlook').toBe('');
  return { html, text };
}

test('every word and address of any issue is in both parts, and the HTML is well formed', async () => {
  await fc.assert(
    fc.asyncProperty(body, async (markdown) => {
      const { html, text } = await partsOf(markdown);
      const wanted = ofMarkdown(markdown.replaceAll('[!TIP]', 'Tip'));
      const inHtml = { words: [] as string[], links: [] as string[] };
      ofHtml(html, inHtml);
      const squeezed = text.replace(/\s+/g, '');
      expect({
        // The numbers of items are words only where another parser sees no item.
        html: missing(wanted.words, inHtml.words).filter((one) => !/^[789]$/.test(one)),
        text: missing(wanted.words, wordsOf(text)),
        links: wanted.links.filter((href) => !inHtml.links.includes(href)),
        textLinks: wanted.links.filter((href) => !squeezed.includes(href)),
      }).toEqual({ html: [], text: [], links: [], textLinks: [] });
    }),
    { numRuns: 80 },
  );
});

test('marks in any order neither stop it nor tear the mail', async () => {
  const mark = fc.constantFrom(
    ...'* ** _ ~~ ` ``` [ ] ]( ![ < > </ <div <div> </div> <p> </p> <a> <table> <td> <li> </ul> <b> <i> </b> <h2> <pre> --> <!-- &'.split(
      ' ',
    ),
    ...[
      '\n',
      '\n\n',
      '\n- ',
      '\n1. ',
      '\n> ',
      '\n## ',
      '\n| a | b |\n|--|--|\n| ',
      '    ',
      '[^a]',
      '\n[^a]: ',
      '\\',
      '$',
      ':::',
      '{:',
      '<details>',
      '<a href="#x">',
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(mark, word), { maxLength: 40 }), async (pieces) => {
      await partsOf(`Begin. ${pieces.join('')}`);
    }),
    { numRuns: 120 },
  );
});
