import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../support/chromium.ts';
import { sampleSheets } from './sheets.ts';
import { showEmail } from './show-email.ts';

const PLACES = ['h1', 'h2', 'li', 'blockquote p'];

const sheets = await sampleSheets();
let browser: Browser;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser.close());

/** Free space at both ends of an element within its cell, in CSS pixels. */
function gaps(page: Page, selector: string) {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const inner = element.getBoundingClientRect();
      const cell = element.closest('td')!;
      const outer = cell.getBoundingClientRect();
      const { paddingLeft, paddingRight } = getComputedStyle(cell);
      return {
        left: Math.round(inner.left - outer.left - Number.parseFloat(paddingLeft)),
        right: Math.round(outer.right - inner.right - Number.parseFloat(paddingRight)),
      };
    });
}

test.each([
  ['persian', 'right', 'left'],
  ['hello', 'left', 'right'],
] as const)('%s is set from the %s', async (name, start, end) => {
  const { email } = sheets.find((sheet) => sheet.name === name)!;
  // Without a style sheet too: Gmail keeps neither it nor the attributes of html and body.
  for (const styles of ['on', 'off'] as const) {
    const page = await showEmail(browser, email, { width: 600, styles });
    const sides = await page.evaluate(
      (places) =>
        places.map((selector) => {
          const style = getComputedStyle(document.querySelector(selector)!);
          return `${selector} ${style.textAlign} ${style.direction}`;
        }),
      PLACES,
    );
    const direction = start === 'right' ? 'rtl' : 'ltr';
    expect(sides, `style sheet ${styles}`).toEqual(
      PLACES.map((selector) => `${selector} ${start} ${direction}`),
    );
    const list = await gaps(page, 'li');
    expect(list[start], 'room for the bullets').toBeGreaterThanOrEqual(20);
    expect(list[end], 'none on the other side').toBe(0);
    const quote = await gaps(page, 'blockquote p');
    expect(quote[start], 'room for the rule of a quote').toBeGreaterThanOrEqual(16);
    expect(quote[end], 'none on the other side').toBe(0);
    await page.context().close();
  }
});

test('code stays from left to right in a mail that is not', async () => {
  const { email } = sheets.find(({ name }) => name === 'persian')!;
  const page = await showEmail(browser, email, { width: 600 });
  const style = await page.locator('pre').evaluate((element) => {
    const { direction, textAlign } = getComputedStyle(element);
    return `${direction} ${textAlign}`;
  });
  expect(style).toBe('ltr left');
  await page.context().close();
});
