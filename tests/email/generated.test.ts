import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outlookBranch } from '../../src/preview/outlook-branch.ts';
import { unbalanced } from '../look/unbalanced.ts';
import { anyIssue, word } from './any-issue.ts';
import { missing, ofHtml, ofMarkdown, wordsOf } from './content.ts';
import { mended } from './mended.ts';
import { compile, read } from './sample.ts';

/**
 * Both parts of an issue, their HTML found well formed in a browser and in Outlook. Null: it is refused, for faults of
 * rules in `allowed`.
 */
async function partsOf(markdown: string, allowed: readonly string[] = []) {
  const { email, findings } = await compile(`---\ntitle: On presses\n---\n\n${markdown}\n`);
  const errors = findings.filter(({ severity }) => severity === 'error');
  expect(errors.filter(({ rule }) => !allowed.includes(rule))).toEqual([]);
  if (email === null && errors.length > 0) return null;
  const { html, text } = read(email!);
  expect(mended(html)).toEqual([]);
  expect(unbalanced(outlookBranch(html)), 'in Outlook').toBe('');
  return { html, text };
}

test('every word and address of any issue is in both parts, and the HTML is well formed', async () => {
  await fc.assert(
    fc.asyncProperty(anyIssue, async (markdown) => {
      const { html, text } = (await partsOf(markdown))!;
      const wanted = ofMarkdown(markdown.replace(/\[!(?:TIP|note)\]/g, ''));
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
      // A line of `:::` that belongs to nothing is the author's to mend.
      await partsOf(`Begin. ${pieces.join('')}`, ['choice']);
    }),
    { numRuns: 120 },
  );
});
