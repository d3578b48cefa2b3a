import { execFileSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { fileAt } from '../../src/project/git-history.ts';
import { askSpamd } from '../../src/transport/ask-spamd.ts';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { startPreview } from './start-preview.ts';

/** A spamd as the protocol says; what it was sent is kept. */
const heard: string[] = [];
const REPORT = [
  'SPAMD/1.1 0 EX_OK',
  'Content-length: 300',
  'Spam: False ; 1.3 / 5.0',
  '',
  ' pts rule name              description',
  '---- ---------------------- --------------------------------------------------',
  ' 2.0 MISSING_WORDS          A letter without',
  '                            many words',
  '-0.7 GOOD_HABITS            Written by a person',
].join('\r\n');
const spamd = createServer({ allowHalfOpen: true }, (socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('end', () => {
    heard.push(text);
    socket.end(REPORT);
  });
});
await new Promise<void>((resolve) => spamd.listen(0, '127.0.0.1', resolve));
const spamdPort = (spamd.address() as AddressInfo).port;
afterAll(() => void spamd.close());

const issue = (words: string) => `---\ntitle: The letter\ndate: 2026-01-02\n---\n\n${words}\n`;
const project = temporaryProject({
  'issues/letter.md': issue('First words.'),
  'issues/linked.md': '---\ntitle: With a link\ndate: 2025-01-01\n---\n\n[A link](http://127.0.0.1:9/x)\n',
  'issues/broken.md': '---\ntitle: "No end\n---\n\nWords.\n',
  '.env': `SPAMD=127.0.0.1:${spamdPort}\nLINK_SECRET=a-secret-of-thirty-two-characters`,
});
const git = (...words: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false', ...words],
    { cwd: project.root },
  );
git('init', '-q');
git('add', 'issues');
git('commit', '-q', '-m', 'Write the letter');
project.write('issues/letter.md', issue('Second words.'));
const preview = await startPreview(project.root);
const page = async (path: string) => (await fetch(new URL(path, preview.url))).text();
const token = /name="token" value="(\w+)"/.exec(await page('/issues/letter'))![1]!;

function post(
  path: string,
  fields: Record<string, string>,
  origin = new URL(preview.url).origin,
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return fetch(new URL(path, preview.url), { method: 'POST', body, headers: { origin } });
}

const answerOf = async (response: Response) =>
  /<div id="answer"[\s\S]*?<\/div>/.exec(await response.text())![0];

describe('what sends or asks the web', () => {
  test('is refused without our token, and from another page', async () => {
    expect((await post('/issues/letter/test', { token: 'x', to: 'ada@example.com' })).status).toBe(403);
    expect(
      (await post('/issues/letter/test', { token, to: 'ada@example.com' }, 'https://evil.example.com'))
        .status,
    ).toBe(403);
    expect(project.names('.broadsheet/inbox').filter((name) => name.endsWith('.eml'))).toEqual([]);
  });

  test('a test goes out, with the reply and the Message-ID', async () => {
    const answer = await answerOf(await post('/issues/letter/test', { token, to: 'ada@example.com' }));
    expect(answer).toMatch(/accepted by the inbox of this machine: 250/);
    expect(answer).toMatch(/Message-ID &lt;[^&]+@example\.com&gt;/);
    expect(project.names('.broadsheet/inbox').filter((name) => name.endsWith('.eml'))).toHaveLength(1);
    expect(project.names('.broadsheet')).not.toContain('ledger.sqlite');
  });

  test('what is no address, and what does not compile, is said', async () => {
    expect(
      await answerOf(await post('/issues/letter/test', { token, to: 'nobody\r\nBcc: x@example.com' })),
    ).toContain('is no address');
    expect(await (await post('/issues/broken/test', { token, to: 'ada@example.com' })).text()).toContain(
      'cannot be compiled',
    );
  });

  test('links to private networks are not asked', async () => {
    const answer = await answerOf(await post('/issues/linked/probe', { token }));
    expect(answer).toContain('0 of 1 links work');
    expect(answer).toContain('lies in a private network');
  });

  test('SpamAssassin is shown the message, and its rules are shown', async () => {
    const answer = await answerOf(await post('/issues/letter/spam', { token }));
    expect(answer).toContain('SpamAssassin gives 1.3 points; 5 are spam.');
    expect(answer).toContain('+2 MISSING_WORDS: A letter without many words');
    expect(heard.at(-1)).toMatch(
      /^REPORT SPAMC\/1\.5\r\nContent-length: \d+\r\n\r\n[\s\S]*Subject: \[TEST\] The letter/,
    );
  });
});

describe('compare', () => {
  test('with an earlier commit: what was taken away and added is marked', async () => {
    const text = await page('/issues/letter?pane=compare');
    expect(text).toContain('Write the letter');
    expect(text).toMatch(/<del>First<\/del><ins>Second<\/ins>/);
  });

  test('with what was sent', async () => {
    const sent = await runCommand(project.root, 'send letter --confirm letter', { SMTP_URL: preview.smtp });
    expect(sent.code, sent.stderr).toBe(0);
    project.write('issues/letter.md', issue('Third words.'));
    await expect
      .poll(async () => page('/issues/letter?pane=compare'))
      .toMatch(/<del>Second<\/del><ins>Third<\/ins>/);
    expect(await page('/issues/letter')).toContain('accepted 1 of 1');
  });

  test('a name that is an option of git is no commit', async () => {
    expect(await page('/issues/letter?pane=compare&against=git:--output=x')).not.toContain('--output');
    expect(await fileAt(project.root, 'issues/letter.md', '--output=x')).toBeNull();
  });
});

test('what programs do not support is told with the date of the data', async () => {
  const text = await page('/issues/letter?pane=clients');
  expect(text).toMatch(/Data of caniemail\.com, \d{4}-\d\d-\d\d/);
  expect(text).toContain('@media');
});

test('the accessibility frame runs our scripts alone, without an origin', async () => {
  const response = await fetch(new URL('/issues/letter/axe.html', preview.url));
  const policy = response.headers.get('content-security-policy')!;
  expect(policy).toMatch(/script-src 'nonce-[\w-]+';/);
  expect(policy).toMatch(/sandbox allow-scripts(?!.*allow-same-origin)/);
});

describe('asking spamd', () => {
  test('what is no spamd is said, and nobody waits for ever', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    expect(await askSpamd({ host: '127.0.0.1', port }, Buffer.from('x'), 50)).toEqual({
      fault: expect.stringContaining('did not answer'),
    });
    silent.close();
    const chatty = createServer((socket) => void socket.end('220 smtp.example.com\r\n'));
    await new Promise<void>((resolve) => chatty.listen(0, '127.0.0.1', resolve));
    const other = (chatty.address() as AddressInfo).port;
    expect(await askSpamd({ host: '127.0.0.1', port: other }, Buffer.from('x'))).toEqual({
      fault: expect.stringContaining('no spamd'),
    });
    chatty.close();
  });
});
