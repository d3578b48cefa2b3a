import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Email } from '../../src/email/email.ts';
import { outlookBranch } from '../../src/preview/outlook-branch.ts';
import { read } from '../email/sample.ts';
import { openChromium } from '../support/chromium.ts';
import { beyond } from './beyond.ts';
import { realSheets, sampleSheets } from './sheets.ts';
import { htmlFor, type View } from './show-email.ts';
import { unbalanced } from './unbalanced.ts';

const samples = await sampleSheets();
const real = await realSheets();
let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await openChromium();
  page = await browser.newPage({ offline: true });
});
afterAll(() => browser.close());

/** By width and scheme, what of an email is too wide. */
async function overflows(
  email: Email,
  widths: readonly number[],
  how: Pick<View, 'images' | 'styles'> = {},
  schemes: readonly ('light' | 'dark')[] = ['light'],
) {
  await page.setContent(htmlFor(email, how), { waitUntil: 'load' });
  const found: Record<string, string[]> = {};
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      const parts = await beyond(page);
      if (parts.length > 0) found[`${width} ${colorScheme}`] = parts;
    }
  }
  return found;
}

describe.each(samples)('$name stays within the window', ({ email }) => {
  test('at every width, light and dark', async () => {
    expect(await overflows(email, [320, 375, 600, 1200], {}, ['light', 'dark'])).toEqual({});
  });
  test('without pictures', async () => {
    expect(await overflows(email, [320, 600], { images: 'off' })).toEqual({});
  });
  test('without its style sheet and classes', async () => {
    expect(await overflows(email, [320, 600], { styles: 'off' })).toEqual({});
  });
});

describe.each(real)('$name', ({ email }) => {
  test('stays within the window, with and without pictures and style sheet', async () => {
    expect(await overflows(email, [320, 375, 600, 1200])).toEqual({});
    expect(await overflows(email, [320, 600], { images: 'off' })).toEqual({});
    expect(await overflows(email, [320, 600], { styles: 'off' })).toEqual({});
  });

  test('is balanced in a browser and in Outlook', () => {
    const { html } = read(email);
    expect(unbalanced(html), 'in a browser').toBe('');
    expect(unbalanced(outlookBranch(html)), 'in Outlook').toBe('');
  });
});

test('what is too wide is found, so that the tests above can fail', async () => {
  await page.setViewportSize({ width: 320, height: 900 });
  await page.setContent('<p style="width:700px">wide</p>');
  expect((await beyond(page)).join()).toMatch(/px too wide,<p style="width:700px">/);
  await page.setContent('<div style="overflow-x:auto"><p style="width:900px">x</p></div>');
  expect(await beyond(page)).toEqual([]);
});
