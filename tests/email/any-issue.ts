import fc from 'fast-check';

/** Words that never look like marks of Markdown. */
export const word = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z]{2,9}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Über',
      'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
      '印刷',
      'かな',
      'نامه',
      'עברית',
      '한글',
      '1811',
      '🗞️',
      'Vec&lt;T&gt;',
    ),
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
    fc.tuple(some, line).map(([title, text]) => `> [!note] ${title}\n> ${text.replace(/\n/g, '\n> ')}`),
    fc.tuple(some, some).map(([term, meaning]) => `${term}\n: ${meaning}`),
    some.map((text) => `<img src="press.png" alt="${text}" width="900">`),
    fc.tuple(some, address).map(([text, href]) => `<a href="${href}">${text}</a> <!-- so -->`),
    fc.tuple(line, some).map(([text, note]) => `${text}[^n]\n\n[^n]: ${note}`),
  ),
}));
/** The body of any issue, by a small grammar of Markdown: every construct inside others. */
export const anyIssue = fc.array(block, { minLength: 1, maxLength: 6 }).map((blocks) => {
  // A mark and its note, then the next two: of two notes of one name only the first counts.
  let marks = 0;
  return blocks.join('\n\n').replaceAll('[^n]', () => `[^n${Math.floor(marks++ / 2)}]`);
});
