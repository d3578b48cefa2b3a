import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyIssue } from '../email/any-issue.ts';
import { compile } from '../email/sample.ts';
import { openChromium } from '../support/chromium.ts';
import { beyond } from './beyond.ts';
import { htmlFor } from './show-email.ts';

test('no issue is wider than a phone, with and without its style sheet', async () => {
  const browser = await openChromium();
  try {
    const page = await browser.newPage({ offline: true, viewport: { width: 320, height: 900 } });
    await fc.assert(
      fc.asyncProperty(anyIssue, async (markdown) => {
        const { email } = await compile(`---\ntitle: On presses\n---\n\n${markdown}\n`);
        for (const styles of ['on', 'off'] as const) {
          await page.setContent(htmlFor(email!, { styles }));
          expect(await beyond(page), `style sheet ${styles}`).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  } finally {
    await browser.close();
  }
});
