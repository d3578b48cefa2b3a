import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApp } from '../../src/app.ts';
import { type LinkAction, linkSigner } from '../../src/audience/links.ts';
import type { CampaignState } from '../../src/campaign/campaign.ts';
import { loadConfig } from '../../src/config.ts';
import { packEmail } from '../../src/email/pack-email.ts';
import { senderOf } from '../../src/message/sender-of.ts';
import { openChromium } from '../support/chromium.ts';
import { runCommand } from '../support/run-command.ts';
import { type OpenWeb, openWeb, SECRET } from './open-web.ts';

interface Went {
  readonly list?: string;
  readonly state?: CampaignState;
  readonly readers?: Record<string, Record<string, string>>;
  readonly at?: number;
}

/** Writes an issue, and records that it went out; gives the path of a reader's link. */
async function publish({ root, ledger }: OpenWeb, name: string, source: string, went: Went = {}) {
  writeIssue(root, name, source);
  const loaded = await loadConfig(root, { LINK_SECRET: SECRET });
  if ('findings' in loaded) throw new Error(JSON.stringify(loaded.findings));
  const app = openApp(loaded.config);
  const { email, findings } = await app.render(await app.project.findIssue(name));
  if (!email) throw new Error(JSON.stringify(findings));
  const { list = 'weekly', state = 'running', readers = { 'ada@example.com': {} }, at = Date.now() } = went;
  const id = randomBytes(8).toString('hex');
  const sender = senderOf(loaded.config.newsletter, email, list, 'live');
  const rows = Object.entries(readers).map(([key, fields]) => ({ key, address: key, fields }));
  await ledger.record(
    { id, slug: email.slug, list, digest: email.digest, sender, state, reason: '', createdAt: at },
    packEmail(email),
    rows,
  );
  if (state === 'cancelled') await ledger.setState(id, 'cancelled', '');
  const ids = new Map((await ledger.history(id)).map((row) => [row.key, row.id]));
  return (key: string, action: LinkAction = 'web', purpose: 'live' | 'test' = 'live') =>
    `/v/${linkSigner(SECRET, { list, key })({ purpose, action, row: purpose === 'test' ? 0 : ids.get(key)! })}`;
}

function writeIssue(root: string, name: string, source: string): void {
  const path = join(root, 'issues', `${name}.md`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
}

const HELLO =
  '---\ntitle: Hello {{subscriber.name | "dear reader"}}\ndescription: A line for {{subscriber.name | "everybody"}}.\n---\nDear {{subscriber.name | "reader"}} of {{subscriber.city | "somewhere"}}, [yours](https://x.example/?q={{subscriber.city}}).\n\n::: if subscriber.plan == "pro"\n\nOnly for those who pay.\n\n::: else\n\nFor the others.\n\n:::\n';

describe('in public', () => {
  test('an issue stands without anything of its readers', async () => {
    const open = await openWeb();
    await publish(open, 'hello', HELLO, {
      readers: { 'ada@example.com': { name: 'Adalbert', city: 'Ulm', plan: 'pro' } },
    });
    const page = await open.get('/archive/hello/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Hello dear reader</title>');
    expect(page.text).toContain('Dear reader of somewhere');
    expect(page.text).toContain('For the others.');
    for (const personal of [
      'ada@',
      'Adalbert',
      'Ulm',
      'those who pay',
      '/u/',
      '/p/',
      '/v/',
      'about:gone',
      'You get this because',
      'Unsubscribe',
      'View in browser',
    ])
      expect(page.text).not.toContain(personal);
    expect(page.text).toContain('<link rel="canonical" href="https://letters.example.com/archive/hello/">');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toContain('script-src');
    expect(page.headers.get('x-robots-tag')).toBe('all');
    expect((await open.get('/archive/hello')).headers.get('location')).toBe('/archive/hello/');
    expect((await open.get('/archive')).headers.get('location')).toBe('/archive/');
  });

  test('only what went out, and to whom it may be shown', async () => {
    const open = await openWeb();
    const plain = (title: string, more = '') => `---\ntitle: ${title}\n${more}---\nWords.\n`;
    writeIssue(open.root, 'draft', plain('Never sent'));
    await publish(open, 'old', plain('The old one'), { at: Date.parse('2026-01-05'), state: 'finished' });
    await publish(open, 'new', plain('The new one'), { at: Date.parse('2026-02-05') });
    await publish(open, 'taken-back', plain('Taken back'), { state: 'cancelled' });
    await publish(open, 'inside', plain('For staff'), { list: 'staff' });
    await publish(open, 'secret', plain('For some', 'archive: false\n'));
    const index = await open.get('/archive/');
    expect(
      [...index.text.matchAll(/<h2[^>]*><a href="([^"]+)">([^<]+)/g)].map(([, href, title]) => [href, title]),
    ).toEqual([
      ['new/', 'The new one'],
      ['old/', 'The old one'],
    ]);
    expect(index.text).toContain('<time datetime="2026-01-05">January 5, 2026</time>');
    for (const path of ['draft', 'taken-back', 'inside', 'secret', 'nothing', '..', '%2e%2e', 'new%00'])
      expect((await open.get(`/archive/${path}/`)).status, path).toBe(404);
    for (const feed of ['atom', 'rss']) {
      const { text, headers } = await open.get(`/archive/${feed}.xml`);
      expect([...text.matchAll(/<title[^>]*><!\[CDATA\[([^\]]*)/g)].map(([, title]) => title)).toEqual([
        'The new one',
        'The old one',
      ]);
      expect(text).toContain('https://letters.example.com/archive/new/');
      expect(headers.get('content-type')).toContain(`application/${feed}+xml`);
    }
  });

  test('the configuration says which lists; of an issue sent twice the last email is shown', async () => {
    const open = await openWeb({ archive: ['monthly'] });
    await publish(open, 'a', '---\ntitle: First words\n---\nWords.\n', { list: 'monthly', at: 1000 });
    await publish(open, 'b', '---\ntitle: Weekly\n---\nWords.\n', {});
    await publish(open, 'a', '---\ntitle: Corrected words\n---\nWords.\n', {
      list: 'monthly',
      at: 2000,
      readers: { 'new@example.com': {} },
    });
    const { text } = await open.get('/archive/');
    expect(text).toContain('Corrected words');
    expect(text).toContain('datetime="1970-01-01"');
    expect(text).not.toContain('Weekly');
  });

  test('nothing yet is said so', async () => {
    const open = await openWeb();
    expect((await open.get('/archive/')).text).toContain('Nothing has been sent yet.');
    expect((await open.get('/archive/atom.xml')).status).toBe(200);
  });
});

describe('by the link in a mail', () => {
  const HOSTILE = {
    name: `"><script>alert(1)</script><img src=x onerror=alert(1)>`,
    city: `'"><svg onload=alert(1)> javascript:alert(1)`,
    plan: 'pro',
  };

  test('a reader sees their own version, and what they call themselves stays text', async () => {
    const open = await openWeb();
    const link = await publish(open, 'hello', HELLO, {
      readers: { 'ada@example.com': HOSTILE, 'bob@example.com': {} },
    });
    const page = await open.get(link('ada@example.com'));
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/<script|<svg|<img[^>]*onerror|href="javascript/i);
    expect(page.text).toContain('&#60;script&#62;alert(1)');
    expect(page.text).toContain('Only for those who pay.');
    expect(page.text).toMatch(/href="https:\/\/letters\.example\.com\/u\/[a-z2-7]+"/);
    expect(page.text).not.toContain('View in browser');
    expect(page.headers.get('x-robots-tag')).toBe('noindex');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect((await open.get(link('bob@example.com'))).text).toContain('Dear reader of somewhere');
    // Whoever looks changes nothing.
    expect(await open.suppressed()).toEqual({});
  });

  test('nobody sees that of another', async () => {
    const open = await openWeb();
    const link = await publish(open, 'hello', HELLO, {
      readers: { 'ada@example.com': {}, 'bob@example.com': {} },
    });
    const own = link('ada@example.com');
    for (const forged of [
      own.slice(0, -1),
      `${own.slice(0, -4)}aaaa`,
      link('ada@example.com', 'unsubscribe'),
      '/v/',
      '/v/x',
    ])
      expect((await open.get(forged)).status, forged).toBe(404);
    const test = await open.get(link('ada@example.com', 'web', 'test'));
    expect(test.text).toContain('This is the link of a test');
    await open.ledger.erase('ada@example.com', '#0123456789abcdef0123456789abcdef', Date.now());
    expect((await open.get(own)).text).not.toContain('ada@');
  });
});

describe('pictures', () => {
  test.each(['hosted', 'embedded'])(
    'that are %s in the mail are files named by their content',
    async (images) => {
      const open = await openWeb({ images });
      const red = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#a00' } })
        .png()
        .toBuffer();
      mkdirSync(join(open.root, 'issues'), { recursive: true });
      writeFileSync(join(open.root, 'issues', 'red.png'), red);
      const link = await publish(open, 'hello', '---\ntitle: A\n---\n![Red](red.png)\n');
      const [, src] = /src="\.\.\/\.\.\/(images\/[^"]+)"/.exec((await open.get('/archive/hello/')).text)!;
      expect(src).toMatch(/^images\/red-[0-9a-f]{16}\.png$/);
      expect((await open.get(link('ada@example.com'))).text).toContain(`src="../${src}"`);
      const response = await open.web.request(`/${src}`);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect((await sharp(await response.arrayBuffer()).stats()).dominant).toMatchObject({
        g: expect.any(Number),
      });
      expect((await open.get('/images/red-0000000000000000.png')).status).toBe(404);
      expect((await open.get('/images/..%2f..%2fnewsletter.config.ts')).status).toBe(404);
    },
  );
});

describe('as files', () => {
  test('the archive is the same as on the server, whole, and what is no longer public goes', async () => {
    const open = await openWeb();
    await publish(open, 'hello', HELLO);
    await publish(open, 'grün', '---\ntitle: Grün\n---\nWorte.\n');
    const build = (folder: string) =>
      runCommand(open.root, `build --site ${folder}`, { LINK_SECRET: SECRET });
    expect(await build('public')).toMatchObject({
      code: 0,
      stderr: '2 issues, for https://letters.example.com/archive/\n',
    });
    const file = (path: string) => readFileSync(join(open.root, 'public', path), 'utf8');
    for (const [path, name] of [
      ['archive/', 'archive/index.html'],
      ['archive/hello/', 'archive/hello/index.html'],
      ['archive/gr%C3%BCn/', 'archive/grün/index.html'],
      ['archive/atom.xml', 'archive/atom.xml'],
      ['archive/rss.xml', 'archive/rss.xml'],
    ] as const)
      expect((await open.get(`/${path}`)).text, path).toBe(file(name));
    const config = readFileSync(join(open.root, 'newsletter.config.ts'), 'utf8');
    writeFileSync(join(open.root, 'newsletter.config.ts'), config.replace('{', '{ archive: [],'));
    expect((await build('public')).code).toBe(0);
    expect(readdirSync(join(open.root, 'public/archive')).sort()).toEqual([
      'atom.xml',
      'index.html',
      'rss.xml',
    ]);
    expect(readdirSync(join(open.root, 'public'))).toEqual(['archive']);
    mkdirSync(join(open.root, 'other/archive'), { recursive: true });
    expect(await build('other')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no archive of ours'),
    });
    expect(await runCommand(open.root, 'build')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Which issue?'),
    });
    expect(await runCommand(open.root, 'build hello --site x')).toMatchObject({ code: 2 });
  });
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  test('pages fit 320 pixels, are readable light and dark, and feeds are XML whatever an author writes', async () => {
    const open = await openWeb({ lang: 'de', name: 'Das <b>Blatt</b> & Co' });
    await publish(open, 'hello', HELLO);
    await publish(
      open,
      'odd',
      '---\ntitle: "]]><script>alert(1)</script> & \\u202e <b>"\ndescription: "a ]]> b & <i>"\n---\nWords.\n',
    );
    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 320, height: 700 }, colorScheme });
      for (const path of ['/archive/', '/archive/hello/']) {
        await page.setContent((await open.get(path)).text);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(320);
        await page.addScriptTag({ path: axe });
        const found = await page.evaluate(async () => {
          const { violations } = await (
            window as never as {
              axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
            }
          ).axe.run();
          return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
        });
        expect(found, `${path}, ${colorScheme}`).toEqual([]);
      }
      await page.close();
    }
    const page = await browser.newPage();
    for (const feed of ['atom', 'rss']) {
      const { text } = await open.get(`/archive/${feed}.xml`);
      const read = await page.evaluate((xml) => {
        const parsed = new DOMParser().parseFromString(xml, 'text/xml');
        const titles = [...parsed.querySelectorAll('entry > title, item > title')];
        const html = document.createElement('div');
        return {
          fault: parsed.querySelector('parsererror')?.textContent ?? null,
          titles: titles.map((one) => {
            html.innerHTML = one.textContent;
            return [html.textContent, html.children.length];
          }),
        };
      }, text);
      expect(read.fault).toBeNull();
      expect(read.titles.map(([title]) => title)).toEqual(
        expect.arrayContaining([expect.stringContaining(']]><script>alert(1)</script>')]),
      );
      expect(read.titles.every(([, elements]) => elements === 0)).toBe(true);
    }
  });
});
