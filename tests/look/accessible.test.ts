import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { darken } from '../../src/preview/darken.ts';
import { openChromium } from '../support/chromium.ts';
import { sampleSheets } from './sheets.ts';
import { htmlFor, showEmail } from './show-email.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const sheets = await sampleSheets();
let browser: Browser;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser.close());

/** What axe finds, as `rule: element`; `checked` is the number of rules that had something to look at. */
async function inspect(page: Page): Promise<{ violations: string[]; checked: string[] }> {
  await page.addScriptTag({ path: AXE });
  const options: RunOptions = {
    runOnly: { type: 'tag', values: TAGS },
    rules: { 'heading-order': { enabled: true }, 'empty-heading': { enabled: true } },
  };
  const { violations, passes } = await page.evaluate(
    (given) => (globalThis as unknown as { axe: { run(o: unknown): Promise<AxeResults> } }).axe.run(given),
    options as unknown,
  );
  return {
    violations: violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    ),
    checked: passes.map(({ id }) => id),
  };
}

describe.each(sheets)('$name', ({ name, email }) => {
  // axe takes two seconds a look; the specimen holds all that the others do.
  const looks = [
    [600, 'light', 'on'],
    [600, 'dark', 'on'],
    [320, 'light', 'on'],
    [600, 'light', 'off'],
  ] as const;
  test.each(name === 'specimen' ? looks : looks.slice(0, 2))(
    'has no violation of WCAG A and AA at %i px, %s, style sheet %s',
    async (width, scheme, styles) => {
      const page = await showEmail(browser, email, { width, scheme, styles });
      const { violations, checked } = await inspect(page);
      expect(violations).toEqual([]);
      expect(checked).toEqual(expect.arrayContaining(['color-contrast', 'html-has-lang', 'link-name']));
      await page.context().close();
    },
  );

  test.each(['partial', 'full'] as const)(
    'is legible where a program turns its colours itself: %s',
    async (how) => {
      const page = await browser.newPage({ offline: true });
      await page.setContent(darken(htmlFor(email, {}), how));
      const { violations } = await inspect(page);
      expect(violations).toEqual([]);
      await page.close();
    },
  );

  test('has one h1, and headings that never skip a level', async () => {
    const page = await showEmail(browser, email, { width: 600 });
    const levels = await page.evaluate(() =>
      [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.tagName[1])),
    );
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels[0]).toBe(1);
    const skips = levels.filter((level, index) => index > 0 && level > levels[index - 1]! + 1);
    expect(skips).toEqual([]);
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)(
    'is set in 16 px or more, and nothing under 14, %s',
    async (scheme) => {
      const page = await showEmail(browser, email, { width: 375, scheme });
      const small = await page.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found: string[] = [];
        while (walker.nextNode()) {
          const parent = walker.currentNode.parentElement!;
          const text = walker.currentNode.textContent!.trim();
          if (text === '' || !parent.checkVisibility() || parent.getBoundingClientRect().height <= 1)
            continue;
          const size = Number.parseFloat(getComputedStyle(parent).fontSize);
          // The running text; labels and captions say their own size, tables and code are smaller.
          const running = '.ink > p, .ink > p > a, .ink li, .ink li > a, .ink blockquote > p';
          const isBody = parent.matches(running) && parent.style.fontSize === '';
          if (size < (isBody ? 16 : 14)) found.push(`${size}px: ${text.slice(0, 60)}`);
        }
        return found;
      });
      expect(small).toEqual([]);
      await page.context().close();
    },
  );

  test('every picture has words for it, every table is data or for layout', async () => {
    const page = await showEmail(browser, email, { width: 600 });
    const { pictures, tables } = await page.evaluate(() => ({
      pictures: [...document.images].filter((one) => !one.hasAttribute('alt')).map((one) => one.outerHTML),
      tables: [...document.querySelectorAll('table')]
        .filter((one) => one.getAttribute('role') !== 'presentation' && !one.querySelector('th'))
        .map((one) => one.outerHTML.slice(0, 200)),
    }));
    expect({ pictures, tables }).toEqual({ pictures: [], tables: [] });
    await page.context().close();
  });
});

test('grey on grey is found, so that the tests above can fail', async () => {
  const page = await browser.newPage();
  await page.setContent(
    '<html lang="en"><title>x</title><p style="color:#999;background:#aaa">words</p><img src="x">',
  );
  const { violations } = await inspect(page);
  expect(violations.map((one) => one.split(':')[0])).toEqual(
    expect.arrayContaining(['color-contrast', 'image-alt']),
  );
});
