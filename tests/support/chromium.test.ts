import { expect, test } from 'vitest';
import { openChromium } from './chromium.ts';

test('Chromium starts from what npm brings, and lays out text', async () => {
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    await page.setContent('<p style="display:inline-block;font:16px serif">words</p>');
    const box = await page.locator('p').boundingBox();
    expect(box?.width, 'width of a word; 0 when there is no font').toBeGreaterThan(20);
  } finally {
    await browser.close();
  }
});
