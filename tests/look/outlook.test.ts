import { describe, expect, test } from 'vitest';
import { outlookBranch } from '../../src/preview/outlook-branch.ts';
import { read } from '../email/sample.ts';
import { sampleSheets } from './sheets.ts';
import { unbalanced } from './unbalanced.ts';

const sheets = await sampleSheets();

describe.each(sheets)('$name', ({ email }) => {
  test.each([{ plan: 'pro' }, { plan: 'free' }])(
    'is balanced in a browser and in Outlook for %o',
    (fields) => {
      const { html } = read(email, fields);
      expect(unbalanced(html), 'in a browser').toBe('');
      expect(unbalanced(outlookBranch(html)), 'in Outlook').toBe('');
    },
  );

  test('has its widths as numbers, where Outlook reads them', () => {
    const { html } = read(email);
    expect(outlookBranch(html), 'a sheet of 600 px').toMatch(/<table[^>]*\swidth="600"/);
    const images = html.match(/<img[^>]*src="cid:[^>]*>/g) ?? [];
    expect(images.filter((image) => !/ width="\d+" height="\d+"/.test(image))).toEqual([]);
  });
});

test('a button has its padding where Outlook reads it', () => {
  const { html } = read(sheets[0]!.email);
  expect(html).toMatch(
    /<td[^>]*style="[^"]*mso-padding-alt:13px 26px[^"]*"><a [^>]*>Write back to us<\/a><\/td>/,
  );
});

test('a torn table is found, so that the tests above can fail', () => {
  const torn = '<!--[if mso]><table><tr><td><![endif]--><div>x</div><!--[if mso]></td></tr><![endif]-->';
  expect(unbalanced(torn)).toBe('');
  expect(unbalanced(outlookBranch(torn))).toBe('<table> is never closed');
  expect(unbalanced('<table><tr></td></table>')).toBe('</td> closes what is not open');
});
