import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { startPreview } from './start-preview.ts';

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>';

const project = temporaryProject({
  'issues/first/index.md':
    '---\ntitle: The first\ndate: 2026-01-02\n---\n\nHello {{subscriber.name | "you"}}.\n\n![A dot](dot.png)\n\n::: if subscriber.plan == "pro"\nPro words.\n:::\n',
  'issues/first/dot.png': PIXEL,
  'issues/second.md': '---\ntitle: The second\ndate: 2026-02-03\n---\n\nMore.\n',
  'issues/hostile.md': `---\ntitle: '${HOSTILE.replaceAll("'", "''")}'\ndate: 2026-01-01\n---\n\n${HOSTILE}\n\n[x](javascript:alert(3))\n`,
  'issues/later.md': `---\ntitle: A later one\ndraft: false\nsendAt: ${new Date(Date.now() + 3 * 86_400_000).toISOString()}\n---\n\nLater.\n`,
  'issues/due.md': '---\ntitle: A due one\ndate: 2025-01-01\nsendAt: 2026-01-01T09:00Z\n---\n\nNow.\n',
  'issues/draft.md': '---\ntitle: A draft\ndate: 2025-01-01\ndraft: true\n---\n\nSoon.\n',
  'issues/broken.md': '---\ntitle: "The broken\n---\n\nWords.\n',
  'subscribers/weekly.csv': `email,name,plan\nada@example.com,Ada,pro\nbob@example.com,"${HOSTILE.replaceAll('"', '""')}",free\n`,
  '.env': 'LINK_SECRET=a-secret-of-thirty-two-characters',
});
const preview = await startPreview(project.root);
const get = async (path: string) => {
  const response = await fetch(new URL(path, preview.url), { redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

/** With a Host header of our own, which fetch does not allow. */
function ask(host: string, method = 'GET', headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL('/', preview.url),
      { method, headers: { host, ...headers } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    request.on('error', reject);
    request.end();
  });
}

describe('pages', () => {
  test('the first page is the newest issue', async () => {
    const { status, headers } = await get('/');
    expect(status).toBe(302);
    expect(headers.get('location')).toBe('/issues/later');
  });

  test('the list holds every issue, those with faults too', async () => {
    const { text } = await get('/issues/first');
    for (const words of ['The first', 'The second', 'issues/broken.md', 'cannot be read'])
      expect(text).toContain(words);
  });

  test('what is scheduled, due or a draft says so', async () => {
    const { text } = await get('/issues/first');
    expect(text).toMatch(/A later one\s*<small>[^<]*scheduled in 3 d/);
    expect(text).toMatch(/A due one\s*<small>[^<]*due/);
    expect(text).toMatch(/A draft\s*<small>[^<]*draft/);
  });

  test('a broken issue shows its faults with their place', async () => {
    const { text } = await get('/issues/broken');
    expect(text).toContain('This issue cannot be compiled');
    expect(text).toMatch(/issues\/broken\.md:\d+:\d+/);
  });

  test('every part can be read without a script', async () => {
    expect((await get('/issues/first?pane=text')).text).toContain('Hello Ada.');
    expect((await get('/issues/first?pane=markdown')).text).toContain('id="L6"');
    expect((await get('/issues/first?pane=mjml')).text).toContain('&lt;mjml');
    expect((await get('/issues/first?pane=html')).text).toContain('&lt;!doctype html');
    expect((await get('/issues/first?pane=headers')).text).toContain('multipart/related');
    expect((await get('/issues/first?pane=raw')).text).toContain('Content-Transfer-Encoding');
    expect((await get('/issues/second?pane=links')).text).toContain('0 links');
  });

  test("the mail is a reader's: the first, one that was searched for, or a made-up one", async () => {
    expect((await get('/issues/first/email.html')).text).toMatch(/Hello Ada[\s\S]*Pro words/);
    expect((await get('/issues/first/email.html?as=bob@example.com')).text).not.toContain('Pro words');
    expect((await get('/issues/first/email.html?as=made-up:nothing')).text).toContain('Hello you.');
    expect((await get('/issues/first/email.html?choose=0.else')).text).not.toContain('Pro words');
    expect((await get('/issues/first?find=bob')).text).toContain('as=bob%40example.com');
    expect((await get('/issues/first?find=nobody')).text).toContain('Nobody on the list is found');
  });

  test('pictures of the mail are shown', async () => {
    const { text } = await get('/issues/first/email.html');
    const src = /<img src="([^"]+)"/.exec(text)![1]!;
    const { status, headers } = await get(src);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/png']);
  });

  test('the message can be downloaded as it would be sent', async () => {
    const { headers, text } = await get('/issues/first/message.eml');
    expect(headers.get('content-disposition')).toBe('attachment; filename="first.eml"');
    expect(text).toContain('Subject: [TEST] The first');
    expect(text).toContain('List-Unsubscribe: <mailto:leave@example.com');
  });

  test('what is not there is 404', async () => {
    for (const path of [
      '/issues/none',
      '/inbox/none.eml',
      '/inbox/..%2f..%2fnewsletter.config.ts',
      '/issues/first/image?id=x',
      '/etc/passwd',
    ])
      expect((await get(path)).status, path).toBe(404);
  });
});

describe('hostile input', () => {
  test('stays text on the page and in the frame', async () => {
    const names = (await get('/issues/first')).text.match(/\/issues\/[^"?]+/g)!;
    const path = names.find((name) => !/first|second|broken|later|due|draft/.test(name))!;
    for (const query of [
      '',
      '?pane=text',
      '?pane=markdown',
      '?pane=html',
      '?as=bob@example.com',
      `?find=${encodeURIComponent(HOSTILE)}`,
    ]) {
      const { text } = await get(`${path}${query}`);
      expect(text.replace('<script type="module" src="/assets/page.js"></script>', ''), query).not.toMatch(
        /<script|<img src=x/i,
      );
    }
    const mail = await get(`${path}/email.html`);
    expect(mail.text).not.toMatch(/<script|\sonerror\s*=|javascript:/i);
    expect((await get('/issues/first/email.html?as=bob@example.com')).text).not.toMatch(
      /<script|<img src=x/i,
    );
  });

  test('policies: only our own script on pages, none in mails', async () => {
    const page = (await get('/issues/first')).headers.get('content-security-policy')!;
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("script-src 'self'");
    expect(page).not.toContain('unsafe');
    const mail = (await get('/issues/first/email.html')).headers.get('content-security-policy')!;
    expect(mail).toMatch(/sandbox(?!.*allow-scripts)/);
    expect(mail).not.toContain('script-src');
  });

  test('answers to our own names only: a website could point its name at this machine', async () => {
    const { port } = new URL(preview.url);
    expect(await ask(`127.0.0.1:${port}`)).toBe(302);
    expect(await ask(`localhost:${port}`)).toBe(302);
    for (const host of ['evil.example.com', `evil.example.com:${port}`, '127.0.0.1.evil.example.com'])
      expect(await ask(host), host).not.toBe(302);
    expect(await ask(`127.0.0.1:${port}`, 'PUT')).toBe(405);
    expect(await ask(`127.0.0.1:${port}`, 'POST')).toBe(403);
    expect(await ask(`127.0.0.1:${port}`, 'POST', { origin: 'https://evil.example.com' })).toBe(403);
    const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    expect(await ask(`127.0.0.1:${port}`, 'GET', foreign)).toBe(403);
  });
});

describe('the inbox', () => {
  test('shows what a test sent, parsed and raw, and what other programs sent', async () => {
    const sent = await runCommand(project.root, 'send --test first --to carol@example.com', {
      SMTP_URL: preview.smtp,
    });
    expect(sent.code, sent.stderr).toBe(0);
    const { headers } = await get('/inbox');
    const path = headers.get('location')!;
    const page = (await get(path)).text;
    expect(page).toContain('[TEST] The first');
    expect(page).toContain('carol@example.com');
    const mail = (await get(`${path}/email.html`)).text;
    const src = /<img src="(\/inbox[^"]+)"/.exec(mail)![1]!;
    expect((await get(src.replaceAll('&amp;', '&'))).headers.get('content-type')).toBe('image/png');
    expect((await get(`${path}?pane=raw`)).text).toContain('Message-ID');
    expect((await get(`${path}/message.eml`)).text).toContain('Content-ID');
  });
});

test('a port that is taken is said, with another to try', async () => {
  const { port } = new URL(preview.url);
  const { code, stderr } = await runCommand(project.root, `preview --port ${port}`);
  expect(code).toBe(2);
  expect(stderr).toContain(`Port ${port} is taken`);
});

test('a signal ends it with 0', async () => {
  const other = await startPreview(temporaryProject().root);
  expect((await fetch(other.url)).status).toBe(200);
  expect(await other.end('SIGTERM')).toBe(0);
});
