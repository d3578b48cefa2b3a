import { readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { openChromium } from '../support/chromium.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { type RunningPreview, startPreview } from './start-preview.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const paragraphs = Array.from(
  { length: 60 },
  (_, index) => `Paragraph ${index} of a letter that is long enough to scroll.`,
);
const letter = (words: string) =>
  `---\ntitle: The long letter\ndate: 2026-03-04\n---\n\n${words}\n\n## Part one\n\n${paragraphs.join('\n\n')}\n`;

const project = temporaryProject({
  'issues/letter.md': letter('First words.'),
  'issues/other.md':
    '---\ntitle: Another letter\ndate: 2026-01-02\n---\n\nHello {{subscriber.name | "you"}}.\n\n[here](http://localhost/)\n',
});
const preview = await startPreview(project.root);
const browser = await openChromium();
afterAll(() => browser.close());
const pages: Page[] = [];
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
});

async function open(path: string, size = { width: 1280, height: 800 }, options: object = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: size, ...options });
  const page = await context.newPage();
  pages.push(page);
  await page.goto(new URL(path, preview.url).href, { waitUntil: 'load' });
  return page;
}

const mail = (page: Page) => page.frameLocator('iframe').first();

describe('a save', () => {
  test('shows in the open page, and scroll, focus and view stay', async () => {
    const page = await open('/issues/letter?width=375');
    await mail(page).getByText('Paragraph 40').scrollIntoViewIfNeeded();
    const scrolled = () =>
      page.evaluate(() => document.querySelector('iframe')!.contentDocument!.scrollingElement!.scrollTop);
    const before = await scrolled();
    expect(before).toBeGreaterThan(500);
    await page.locator('#toolbar a', { hasText: '414' }).focus();
    project.write('issues/letter.md', letter('Second words.'));
    await mail(page).getByText('Second words.').waitFor({ state: 'attached' });
    expect(Math.abs((await scrolled()) - before)).toBeLessThan(5);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('414');
    expect(page.url()).toContain('width=375');
  });

  test('by renaming, as editors do, shows too', async () => {
    const page = await open('/issues/letter');
    project.write('issues/.letter.tmp', letter('Renamed words.'));
    renameSync(join(project.root, 'issues/.letter.tmp'), join(project.root, 'issues/letter.md'));
    await mail(page).getByText('Renamed words.').waitFor({ state: 'attached' });
  });

  test('of a fault shows it over the last good render, and mending takes it away', async () => {
    const page = await open('/issues/letter');
    project.write('issues/letter.md', '---\ntitle: "The long\n---\n\nBroken.\n');
    await page.getByText('This issue cannot be compiled').waitFor();
    expect(await page.locator('#faults').textContent()).toMatch(/issues\/letter\.md:\d+:\d+/);
    expect(await mail(page).getByText('Paragraph 40').count()).toBe(1);
    project.write('issues/letter.md', letter('Mended words.'));
    await mail(page).getByText('Mended words.').waitFor({ state: 'attached' });
    await page.getByText('This issue cannot be compiled').waitFor({ state: 'detached' });
  });

  test('of a new issue shows in the list', async () => {
    const page = await open('/issues/letter');
    project.write('issues/newer.md', '---\ntitle: A newer letter\ndate: 2026-04-05\n---\n\nHi.\n');
    await page.locator('#issues a', { hasText: 'A newer letter' }).waitFor();
  });
});

test('a template saved shows in the open page', async () => {
  const page = await open('/issues/other');
  const source = project.read('templates/partials/masthead.mjml');
  project.write('templates/partials/masthead.mjml', source.replaceAll('{{newsletter.name}}', 'Another name'));
  try {
    if (!source.includes('{{newsletter.name}}'))
      throw new Error('The masthead no longer names the newsletter.');
    await mail(page).getByText('Another name').first().waitFor({ state: 'attached' });
  } finally {
    project.write('templates/partials/masthead.mjml', source);
  }
});

describe('looking', () => {
  test('without a script the mail can be read and every link works', async () => {
    const page = await open('/issues/other', undefined, { javaScriptEnabled: false });
    await mail(page).getByText('Hello Ada.').waitFor();
    await page.locator('#toolbar a', { hasText: 'text' }).first().click();
    await page.getByText('Hello Ada.').waitFor();
    await page.locator('#issues a', { hasText: 'The long letter' }).click();
    expect(page.url()).toContain('/issues/letter');
  });

  test('widths, colours and images are in the URL and come back', async () => {
    const page = await open('/issues/other');
    await page.keyboard.press('d');
    await page.waitForURL(/scheme=dark/);
    // The links have followed: each keeps what was chosen before.
    await page.locator('#toolbar a[href*="scheme=dark"]', { hasText: '320' }).click();
    await page.waitForURL(/scheme=dark.*width=320|width=320.*scheme=dark/);
    await page.waitForFunction(() => document.querySelector('iframe')!.clientWidth <= 320);
    const background = () =>
      page.evaluate(
        () => getComputedStyle(document.querySelector('iframe')!.contentDocument!.body).backgroundColor,
      );
    const dark = await background();
    await page.reload();
    expect(await background()).toBe(dark);
    await page.goBack();
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('scheme'));
    await page.waitForFunction(
      (was) =>
        getComputedStyle(document.querySelector('iframe')!.contentDocument!.body).backgroundColor !== was,
      dark,
    );
  });

  test('a click in the mail names the line of the Markdown; a click on a finding shows its place', async () => {
    const page = await open('/issues/other');
    await mail(page).getByText('Hello Ada.').click();
    await page.locator('#origin', { hasText: 'Line 6' }).waitFor();
    await page.locator('#findings a[data-show-line="8"]').first().click();
    await page.locator('#origin', { hasText: 'Line 8' }).waitFor();
    await page.locator('#origin a').click();
    await page.waitForURL(/pane=markdown#L8/);
  });

  test('no script of a mail runs', async () => {
    const page = await open('/issues/other');
    const frame = page.frames().find((one) => one.url().includes('email.html'))!;
    await expect(frame.evaluate(() => 1)).resolves.toBe(1);
    const ran = await page.evaluate(() => {
      const inside = document.querySelector('iframe')!.contentDocument!;
      const script = inside.createElement('script');
      script.textContent = 'parent.ran = true';
      inside.body.append(script);
      return 'ran' in window;
    });
    expect(ran).toBe(false);
  });
});

describe('everybody', () => {
  for (const path of [
    '/issues/other',
    '/issues/other?pane=text',
    '/issues/other?pane=markdown',
    '/issues/other?pane=headers',
    '/issues/other?pane=links',
    '/issues/other?pane=clients',
    '/issues/other?pane=compare',
    '/inbox',
  ])
    for (const colorScheme of ['light', 'dark'] as const)
      test(`axe finds nothing on ${path}, ${colorScheme}`, async () => {
        const page = await open(path, undefined, { colorScheme });
        const found =
          await page.evaluate(`${AXE}; axe.run({ exclude: ['iframe'] }, { iframes: false }).then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`);
        expect(found).toEqual([]);
      });

  for (const width of [320, 360, 768, 1280, 1920])
    test(`nothing is wider than the page at ${width} px`, async () => {
      const page = await open('/issues/letter', { width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });

  test('the keyboard alone is enough', async () => {
    const page = await open('/issues/letter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the mail');
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    expect(await page.locator('dialog').textContent()).toContain('next and previous issue');
    await page.keyboard.press('Escape');
    const title = await page.title();
    await page.keyboard.press('j');
    await page.waitForFunction((was) => document.title !== was, title);
    await page.keyboard.press('2');
    await page.waitForURL(/pane=text/);
    await page.keyboard.press('/');
    await page.keyboard.type('ada');
    await page.keyboard.press('Enter');
    await page.waitForURL(/find=ada/);
    await page.locator('.readers a', { hasText: 'ada@example.com' }).waitFor();
  });
});

test('many issues can be filtered, and the filter is in the URL', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [
      `issues/n${index}.md`,
      `---\ntitle: Number ${index}\n---\n\nWords.\n`,
    ]),
  );
  const own = await startPreview(temporaryProject(many).root);
  const page = await (await browser.newContext()).newPage();
  pages.push(page);
  await page.goto(own.url);
  await page.keyboard.press('f');
  await page.keyboard.type('number 11');
  await page.waitForFunction(() => document.querySelectorAll('#issues ol li').length === 1);
  expect(page.url()).toContain('filter=number+11');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('filter');
  await page.reload();
  expect(await page.locator('#issues ol li').count()).toBe(1);
  await own.end();
});

test('accessibility of the mail is checked by button, in a frame of its own', async () => {
  const page = await open('/issues/other');
  await page.getByRole('button', { name: 'Check accessibility' }).click();
  await page.locator('#answer li', { hasNotText: 'Looking' }).first().waitFor();
  expect(await page.locator('#answer').textContent()).toContain('axe finds nothing wrong');
});

test('a test is sent by button, and the address remembered', async () => {
  const page = await open('/issues/other');
  await page.getByLabel('Test to').fill('ada@example.com');
  await page.getByRole('button', { name: 'Send test' }).click();
  await page.locator('#answer', { hasText: 'accepted by the inbox' }).waitFor();
  await page.reload();
  expect(await page.getByLabel('Test to').inputValue()).toBe('ada@example.com');
});

test('when the server is gone the page says so, and goes on by itself when it is back', async () => {
  const own = temporaryProject({ 'issues/a.md': '---\ntitle: A\n---\n\nOld words.\n' });
  const first: RunningPreview = await startPreview(own.root);
  const { port } = new URL(first.url);
  const context = await browser.newContext();
  const page = await context.newPage();
  pages.push(page);
  await page.goto(first.url);
  await first.end();
  await page.locator('#gone').waitFor({ state: 'visible' });
  own.write('issues/a.md', '---\ntitle: A\n---\n\nNew words.\n');
  const second = await startPreview(own.root, Number(port));
  await page.locator('#gone').waitFor({ state: 'hidden' });
  await mail(page).getByText('New words.').waitFor({ state: 'attached' });
  await second.end();
});
