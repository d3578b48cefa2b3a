import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkSigner } from '../../src/audience/links.ts';
import { openChromium } from '../support/chromium.ts';
import { openWeb, reader, SECRET } from './open-web.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Where pictures of every page are put, to be looked at; none are taken when it is not set. */
const { PICTURES } = process.env;

let browser: Browser;
let server: Server;
let news: Awaited<ReturnType<typeof openWeb>>;
let origin: string;
let paths: Record<string, string>;
beforeAll(async () => {
  browser = await openChromium();
  news = await openWeb();
  server = createAdaptorServer({ fetch: news.web.fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const long = 'a-rather-long-name-that-does-not-break';
  const { link } = await news.campaign([reader('ann', { name: 'Ann', city: 'Ulm' }), reader(long)]);
  const lists = ['weekly', 'monthly'];
  await news.ledger.ask({
    purpose: 'subscribe',
    key: 'new@example.com',
    address: `${long}@${long}.example.com`,
    movedFrom: null,
    lists,
    fields: { name: 'New' },
    how: 'form',
    source: '',
    wording: '',
    askedAt: Date.now(),
    expiresAt: Date.now() + 1e8,
  });
  const owner = { list: JSON.stringify(['subscribe', ...lists]), key: 'new@example.com' };
  paths = {
    unsubscribe: link(`${long}@example.com`),
    preferences: link('ann@example.com', 'preferences'),
    erase: `${link('ann@example.com', 'preferences')}/erase`,
    subscribe: '/subscribe',
    confirm: `/c/${linkSigner(SECRET, owner)({ purpose: 'live', action: 'confirm', row: 1 })}`,
    dead: '/u/nothing',
  };
});
afterAll(async () => {
  server.close();
  await browser.close();
});

/** Axe takes a second a look; for pictures all four. */
const LOOKS = (
  [
    [320, 'light'],
    [1200, 'dark'],
    [1200, 'light'],
    [320, 'dark'],
  ] as const
).slice(0, PICTURES ? 4 : 2);

async function open(path: string, width: number, scheme: 'light' | 'dark', script = true): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width, height: 700 },
    colorScheme: scheme,
    javaScriptEnabled: script,
    // Only for axe, which is a script: the pages' own policy lets none run.
    bypassCSP: script,
  });
  await page.goto(`${origin}${path}`);
  return page;
}

/** What axe finds, as `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  const found = await page.evaluate(
    (tags) =>
      (globalThis as unknown as { axe: { run(o: unknown): Promise<AxeResults> } }).axe.run({
        runOnly: { type: 'tag', values: tags },
      }),
    TAGS,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}

describe.each(['unsubscribe', 'preferences', 'erase', 'subscribe', 'confirm', 'dead'])('%s', (name) => {
  test.each(LOOKS)('at %i px, %s: readable by all, and nothing sticks out', async (width, scheme) => {
    const page = await open(paths[name]!, width, scheme);
    await picture(page, `${name}-${width}-${scheme}`);
    expect(await violations(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide, 'wider than the window').toBeLessThanOrEqual(0);
    await page.close();
  });
});

test('a form with faults is readable by all', async () => {
  const page = await open('/subscribe', 320, 'light');
  await page.evaluate(() => document.querySelector('form')!.setAttribute('novalidate', ''));
  await page.fill('[name=email]', 'nobody');
  await page.click('button');
  await page.waitForSelector('.fault');
  await picture(page, 'faults-320-light');
  expect(await violations(page)).toEqual([]);
  await page.close();
});

test('without JavaScript, under its own policy, a reader unsubscribes with the button, and goes on to preferences', async () => {
  const page = await open(paths.unsubscribe!, 320, 'light', false);
  const faults: string[] = [];
  page.on('console', (message) => faults.push(message.text()));
  await page.click('button');
  expect(await page.textContent('h1')).toBe('You are unsubscribed');
  await picture(page, 'unsubscribed-320-light');
  await page.click('text=Preferences');
  expect(await page.textContent('h1')).toBe('Preferences');
  expect(await page.isChecked('[name=list][value=weekly]')).toBe(false);
  await page.click('text=Save');
  expect(await page.textContent('h1')).toBe('Saved');
  await picture(page, 'saved-320-light');
  expect(faults).toEqual([]);
  await page.close();
});

test('the form stands in a frame of another website; a page that is a key does not', async () => {
  // A website on this machine too: Chromium lets none from elsewhere reach it.
  const blog = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<iframe src="${origin}${request.url}"></iframe>`);
  }).listen(0, '127.0.0.1');
  await once(blog, 'listening');
  const page = await browser.newPage();
  for (const [path, words] of [
    ['/subscribe', 'Subscribe'],
    [paths.preferences!, ''],
  ] as const) {
    await page.goto(`http://127.0.0.1:${(blog.address() as AddressInfo).port}${path}`);
    const [, frame] = page.frames();
    expect(await frame!.evaluate(() => document.querySelector('h1')?.textContent ?? '')).toBe(words);
  }
  await page.close();
  blog.close();
});
