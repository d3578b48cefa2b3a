import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseImapUrl } from '../../src/transport/parse-imap-url.ts';
import { runCommand } from '../support/run-command.ts';
import { startImapServer } from './imap-server.ts';
import { newsletterProject, suppressions } from './newsletter-project.ts';
import { complaint, letter, report } from './written.ts';

const fixture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`./fixtures/${name}.eml`, import.meta.url)));

const contents = [
  fixture('postfix-gone'),
  letter({ From: 'ann@mailbox.example', Subject: 'Hello' }),
  complaint('spam@reader.example.org'),
  fixture('exim-full'),
  letter({ From: 'bare@reader.example.org', To: 'leave@example.com', Subject: 'unsubscribe weekly' }),
];

const outcome = {
  'gone@reader.example.org': 'bounced',
  'spam@reader.example.org': 'complained',
  'bare@reader.example.org': 'unsubscribed',
};

describe('an IMAP mailbox', () => {
  test('is read once: what was handled is marked as seen, a letter is not, and nothing is deleted', async () => {
    const server = await startImapServer(contents);
    const project = await newsletterProject(server.url);
    const first = await runCommand(project.root, 'bounces --json');
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ read: 5, kept: 1, soft: 1 });
    expect(await suppressions(project)).toEqual(outcome);
    expect(server.messages.map(({ flags }) => flags.has('\\Seen'))).toEqual([true, false, true, true, true]);
    expect(server.messages.some(({ flags }) => flags.has('\\Deleted'))).toBe(false);
    const second = await runCommand(project.root, 'bounces --json');
    expect(JSON.parse(second.stdout)).toMatchObject({ read: 1, kept: 1, soft: 0 });
  });

  test('--dry-run marks nothing', async () => {
    const server = await startImapServer(contents);
    const project = await newsletterProject(server.url);
    const { code } = await runCommand(project.root, 'bounces --dry-run');
    expect(code).toBe(0);
    expect(server.commands.filter((command) => /STORE|EXPUNGE|MOVE|COPY/.test(command))).toEqual([]);
    expect(await suppressions(project)).toEqual({});
  });

  test('a message larger than any report is kept, and only so much of it is fetched', async () => {
    const server = await startImapServer([
      Buffer.concat([report({ key: 'x@y.example' }), Buffer.alloc(11_000_000, 'x\r\n')]),
    ]);
    const project = await newsletterProject(server.url);
    const { stdout, stderr } = await runCommand(project.root, 'bounces --json');
    expect(JSON.parse(stdout), stderr).toMatchObject({ read: 1, kept: 1, kinds: { unreadable: 1 } });
    expect(server.commands.find((command) => /UID FETCH/.test(command))).toMatch(/<0\.10485761>/);
  });

  test('that marks nothing is taken in once all the same', async () => {
    const server = await startImapServer([fixture('exim-full')]);
    const project = await newsletterProject(server.url);
    for (const again of [0, 1, 1]) {
      const { stdout } = await runCommand(project.root, 'bounces --json');
      expect(JSON.parse(stdout)).toMatchObject({ read: 1, again });
      server.messages[0]!.flags.clear();
    }
  });

  test.each([
    ['refuses the password', { password: 'another' }, 78, 'refuses user or password'],
    ['has no such folder', { instead: { SELECT: 'NO no such folder' } }, 78, 'has no folder "INBOX"'],
    ['is lost while reading', { instead: { 'UID FETCH': 'drop' } }, 75, 'cannot be read'],
    ['cannot be searched', { instead: { 'UID SEARCH': 'drop' } }, 75, 'cannot be searched'],
    ['is closed at once', { greeting: '* BYE too many' }, 75, 'cannot be opened'],
  ])('that %s is told, without the password', async (_what, script, code, says) => {
    const server = await startImapServer(contents, script);
    const project = await newsletterProject(server.url.replace(':word@', ':hidden-word@'));
    const told = await runCommand(project.root, 'bounces', {});
    expect(told.stderr).toContain(says);
    expect(told.stderr).not.toContain('hidden-word');
    expect(told.stderr).not.toMatch(/\n\s+at /);
    expect(told.code).toBe(code);
    expect(server.messages.some(({ flags }) => flags.has('\\Seen'))).toBe(false);
  });
});

test.each([
  ['imaps://me:pass@mail.example.com', { port: 993, secure: true, folder: 'INBOX', local: false }],
  [
    'imap://me:a%2Fb@127.0.0.1:1143/Bounces',
    { port: 1143, secure: false, password: 'a/b', folder: 'Bounces', local: true },
  ],
  [
    'imaps://me%40example.com:p@mail.example.com/Post%20Office',
    { user: 'me@example.com', folder: 'Post Office' },
  ],
  ['imaps://me@mail.example.com', { fault: 'it has no user or no password' }],
  ['imaps://me:p%@mail.example.com', { fault: 'its user or password holds a % alone; write it as %25' }],
  ['imaps://me:p?q@mail.example.com/', { fault: expect.not.stringContaining('q@') }],
  ['https://me:p@mail.example.com', { fault: 'it does not begin with imaps://' }],
])('%s', (text, wanted) => expect(parseImapUrl(text)).toMatchObject(wanted));

test('Dovecot, where it is installed', async () => {
  const dovecot = ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot', '/opt/homebrew/sbin/dovecot'].find(
    existsSync,
  );
  if (!dovecot || process.getuid?.() !== 0) {
    console.log('Dovecot is not here, or we are not root: only the IMAP server of these tests is tried.');
    return;
  }
  const root = mkdtempSync(join(tmpdir(), 'dovecot-'));
  for (const place of ['new', 'cur', 'tmp']) mkdirSync(join(root, 'mail', place), { recursive: true });
  for (const [at, bytes] of contents.entries()) writeFileSync(join(root, `mail/new/${at}.host`), bytes);
  const port = await freePort();
  writeFileSync(
    join(root, 'dovecot.conf'),
    `protocols = imap
listen = 127.0.0.1
base_dir = ${root}/run
state_dir = ${root}/state
log_path = ${root}/log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${root}/mail
first_valid_uid = 0
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = password=word
}
userdb {
  driver = static
  args = uid=8 gid=8 home=${root}
}
`,
  );
  // The mailbox belongs to the user "mail", for Dovecot reads none as root.
  const owned = spawn('chown', ['-R', '8:8', join(root, 'mail')]);
  await once(owned, 'close');
  spawn('chmod', ['755', root]);
  const server = spawn(dovecot, ['-F', '-c', join(root, 'dovecot.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(async () => {
    server.kill();
    if (server.exitCode === null) await once(server, 'close');
    rmSync(root, { recursive: true, force: true });
  });
  await listening(port);
  const project = await newsletterProject(`imap://bounce%40example.com:word@127.0.0.1:${port}/INBOX`);
  const first = await runCommand(project.root, 'bounces --json');
  expect(first.code, `${first.stderr} ${readFileSync(join(root, 'log'), 'utf8')}`).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({ read: 5, kept: 1, soft: 1 });
  expect(await suppressions(project)).toEqual(outcome);
  const names = ['new', 'cur'].flatMap((place) => readdirSync(join(root, 'mail', place)));
  expect(names).toHaveLength(5);
  expect(names.filter((name) => /:2,\w*S/.test(name))).toHaveLength(4);
  const second = await runCommand(project.root, 'bounces --json');
  expect(JSON.parse(second.stdout)).toMatchObject({ read: 1, kept: 1 });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when somebody listens at the port: Dovecot says so nowhere. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const there = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (there) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
