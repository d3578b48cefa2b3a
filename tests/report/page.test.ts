import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Campaign, Counts, Delivery, DeliveryState, ReplyCount } from '../../src/campaign/campaign.ts';
import { renderReport } from '../../src/report/render-report.ts';
import { openTally } from '../../src/report/tally.ts';
import { openChromium } from '../support/chromium.ts';

const START = Date.UTC(2026, 10, 26, 12);
const AXE = readFileSync(
  fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url)),
  'utf8',
);

const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
const campaign = {
  slug: EVIL,
  list: 'weekly',
  state: 'paused',
  reason: `The mail server fails: ${EVIL}`,
  createdAt: START,
} as Campaign;

/** A campaign of many domains, some hostile and some very long, with all that can happen. */
function page(readers: number): string {
  const tally = openTally();
  const counts = {
    queued: 0,
    claimed: 0,
    sending: 0,
    accepted: 0,
    rejected: 0,
    uncertain: 0,
    suppressed: 0,
    cancelled: 0,
  };
  for (let n = 0; n < readers; n += 1) {
    const state: DeliveryState =
      n % 50 === 7
        ? 'rejected'
        : n % 97 === 3
          ? 'queued'
          : n % 301 === 5
            ? 'uncertain'
            : n % 400 === 9
              ? 'suppressed'
              : 'accepted';
    const domain =
      n % 9 === 0
        ? `${'very-long-'.repeat(20)}${n % 4}.example.com`
        : n % 11 === 0
          ? EVIL
          : `d${n % 30}.example.com`;
    counts[state] += 1;
    const at = START + n * 37;
    tally.add({
      address: `reader${n}@${domain}`,
      state,
      tries: 1,
      code: 250,
      begunAt: at,
      settledAt: at + 20 + (n % 700),
    } as Delivery);
  }
  const reply = (text: string, count: number): ReplyCount => ({
    state: 'rejected',
    code: 550,
    enhanced: '5.7.1',
    reply: text,
    count,
  });
  const replies = [
    reply(EVIL, 3),
    reply(`${'unbroken'.repeat(40)}`, 2),
    { ...reply('', 5), state: 'accepted' as const },
  ];
  return renderReport([tally.read(campaign, counts as Counts, replies)], START + 3_600_000);
}

let browser: Browser;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser.close());

const views = [320, 1200].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

describe.each([
  ['of many', 3000],
  ['of nobody', 0],
])('the page %s', (_what, readers) => {
  test.each(views)(
    'at $width px, $colorScheme: nothing runs, nothing is fetched, nothing overflows, all can read it',
    async ({ width, colorScheme }) => {
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme,
        bypassCSP: true,
      });
      const opened = await context.newPage();
      const asked: string[] = [];
      opened.on('request', (request) => asked.push(request.url()));
      opened.on('dialog', (dialog) => asked.push(`dialog ${dialog.message()}`));
      await opened.setContent(page(readers));
      expect(await opened.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await opened.locator('script, img, link, iframe').count()).toBe(0);
      expect(asked).toEqual([]);
      await opened.evaluate(AXE);
      const found = (await opened.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { html: string }[] }[];
      };
      expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`)).toEqual([]);
      await context.close();
    },
  );

  test('is small, whatever the list, and names no reader', () => {
    const html = page(readers);
    expect(html.length).toBeLessThan(60_000);
    expect(html).not.toMatch(/reader\d/);
  });
});
