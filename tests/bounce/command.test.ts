import { spawn } from 'node:child_process';
import { readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addSuppressed, readSuppressed, suppressedName } from '../../src/audience/suppressed-file.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { changeSuppressed } from '../../src/project/change-suppressed.ts';
import { startPostgres } from '../support/postgres.ts';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { newsletterProject, READERS, suppressions } from './newsletter-project.ts';
import { recordCampaign } from './open-intake.ts';
import { complaint, letter, pathOf, report, SECRET } from './written.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const gone = readFileSync(join(FIXTURES, 'postfix-gone.eml'));

test('a maildir: the dead are suppressed, marked as seen, and kept; letters stay as they are', async () => {
  const project = await newsletterProject();
  project.write('mail/new/1.host', gone);
  project.write('mail/new/2.host', readFileSync(join(FIXTURES, 'exim-full.eml')));
  project.write('mail/new/3.host', letter({ From: 'ann@mailbox.example', Subject: 'Hello' }));
  project.write('mail/cur/4.host:2,F', complaint('spam@reader.example.org'));
  project.write('mail/cur/5.host:2,S', report({ key: 'slow@reader.example.org' }));
  project.write('mail/new/6.host', Buffer.from([0, 1, 2]));
  const first = await runCommand(project.root, 'bounces --json');
  expect(first.code, first.stderr).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({
    read: 5,
    soft: 1,
    kept: 2,
    kinds: { bounce: 2, complaint: 1, letter: 1, unreadable: 1 },
  });
  expect(await suppressions(project)).toEqual({
    'gone@reader.example.org': 'bounced',
    'spam@reader.example.org': 'complained',
  });
  expect(project.names('mail/new')).toEqual(['3.host', '6.host']);
  expect(project.names('mail/cur')).toEqual(['1.host:2,S', '2.host:2,S', '4.host:2,FS', '5.host:2,S']);

  const kept = project.read('subscribers/suppressed.csv');
  expect(kept).not.toContain('@');
  expect(kept.split('\n')).toHaveLength(4);
  const reason = readSuppressed(kept, [SECRET], 'weekly');
  expect(READERS.map(reason)).toEqual(['bounced', null, 'complained', null, null]);

  const second = await runCommand(project.root, 'bounces --json');
  expect(JSON.parse(second.stdout)).toMatchObject({ read: 2, kept: 2, soft: 0 });
  expect(project.read('subscribers/suppressed.csv')).toBe(kept);
});

test('an mbox is never changed, and read twice it is taken in once', async () => {
  const project = await newsletterProject();
  const box = [gone, readFileSync(join(FIXTURES, 'opensmtpd-bare.eml'))]
    .map(
      (bytes) =>
        `From MAILER-DAEMON Wed Nov 25 02:00:00 2026\n${bytes.toString().replace(/^(>*From )/gm, '>$1')}\n`,
    )
    .join('\n');
  project.write('box', box);
  utimesSync(join(project.root, 'box'), 1, 1);
  const first = await runCommand(project.root, 'bounces box --json');
  expect(JSON.parse(first.stdout)).toMatchObject({ read: 2, kinds: { bounce: 2 } });
  const second = await runCommand(project.root, 'bounces box --json');
  expect(JSON.parse(second.stdout)).toMatchObject({ read: 2, again: 2 });
  expect(Object.keys(await suppressions(project)).sort()).toEqual([
    'bare@reader.example.org',
    'gone@reader.example.org',
  ]);
  expect(project.read('box')).toBe(box);
});

test('a pipe: what a mail server hands over on standard input', async () => {
  const project = await newsletterProject();
  const main = fileURLToPath(new URL('../../src/main.mjs', import.meta.url));
  const to = pathOf('slow@reader.example.org');
  const child = spawn(process.execPath, [main, 'bounces', '-', '--recipient', to, '-q'], {
    cwd: project.root,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdin.end(report({ key: 'slow@reader.example.org', to: 'us@news.example.com', returned: [] }));
  expect(await ended).toBe(0);
  expect(await suppressions(project)).toEqual({ 'slow@reader.example.org': 'bounced' });
});

/** Bounces of readers for now: two messages each. */
const slow = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    [1, 2].map((time) =>
      report({
        key: `slow${at}@reader.example.org`,
        subject: `Try ${time}`,
        status: [`Final-Recipient: rfc822; slow${at}@reader.example.org`, 'Action: failed', 'Status: 4.2.2'],
      }),
    ),
  ).flat();

test.each(['a file', 'PostgreSQL'])(
  'three runs at once over one maildir and a ledger in %s: each message counts once',
  async (kind) => {
    const project = await newsletterProject();
    let place = join(project.root, '.broadsheet/ledger.sqlite');
    const readers = Array.from({ length: 10 }, (_, at) => `slow${at}@reader.example.org`);
    if (kind === 'PostgreSQL') {
      const postgres = await startPostgres();
      onTestFinished(() => postgres.stop());
      place = await postgres.database();
    } else rmSync(join(project.root, '.broadsheet'), { recursive: true });
    const ledger = await openLedger(place);
    onTestFinished(() => ledger.close());
    await recordCampaign(ledger, [...READERS, ...readers]);
    for (const [at, bytes] of [...slow(10), gone].entries()) project.write(`mail/new/${at}.host`, bytes);
    const env: Record<string, string> = kind === 'PostgreSQL' ? { DATABASE_URL: place } : {};
    const ended = await Promise.all([1, 2, 3].map(() => runCommand(project.root, 'bounces --soft 3', env)));
    for (const { code, stderr } of ended) {
      expect(code, stderr).toBe(0);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    for (const key of readers)
      expect(await ledger.softBounces([suppressedName(SECRET, key)], 0), key).toBe(2);
    expect(Object.fromEntries(await ledger.suppressions('weekly'))).toEqual({
      'gone@reader.example.org': 'bounced',
    });
    expect(project.names('mail/new')).toEqual([]);
    expect(project.names('mail/cur')).toHaveLength(21);
    expect(project.read('subscribers/suppressed.csv').trim().split('\n')).toHaveLength(2);
  },
);

test('what several processes add to suppressed.csv at once is all there, though one of them died in the middle', async () => {
  const { root, read } = temporaryProject({ 'subscribers/suppressed.csv.new': 'half a file' });
  utimesSync(join(root, 'subscribers/suppressed.csv.new'), 1, 1);
  const at = '2026-11-25T00:00:00.000Z';
  const readers = Array.from({ length: 20 }, (_, index) => `reader${index}@example.com`);
  await Promise.all(
    readers.map((key) =>
      changeSuppressed(root, (text) =>
        addSuppressed(text, [{ key, list: null, reason: 'bounced', at }], SECRET),
      ),
    ),
  );
  expect(readers.map(readSuppressed(read('subscribers/suppressed.csv'), [SECRET], 'weekly'))).toEqual(
    readers.map(() => 'bounced'),
  );
});

test('--dry-run changes nothing', async () => {
  const project = await newsletterProject();
  project.write('mail/new/1.host', gone);
  const { stderr, code } = await runCommand(project.root, 'bounces --dry-run');
  expect(stderr).toContain('bounced gone@reader.example.org');
  expect(stderr).toContain('Nothing was changed.');
  expect(code).toBe(0);
  expect(await suppressions(project)).toEqual({});
  expect(project.names('mail/new')).toEqual(['1.host']);
  expect(project.names('subscribers')).not.toContain('suppressed.csv');
});

describe('is told what is wrong', () => {
  test.each([
    ['a path that is not there', 'bounces nowhere', ['nowhere is not there.', 'maildir']],
    ['a folder that is no maildir', 'bounces issues', ['issues is no maildir.']],
    [
      'a password on the command line',
      'bounces imaps://me:word@mail.example.com/',
      ['can be seen', 'BOUNCE_MAILBOX'],
    ],
    ['no time', 'bounces mail --within soon', ['"soon" is no time', '30d']],
  ])('%s', async (_what, line, says) => {
    const project = await newsletterProject();
    project.write('issues/hello.md', '# Hello\n');
    const { code, stderr } = await runCommand(project.root, line);
    for (const words of says) expect(stderr).toContain(words);
    expect(code).toBe(2);
  });

  test('no mailbox', async () => {
    const { code, stderr } = await runCommand(temporaryProject().root, 'bounces');
    expect(stderr).toContain('BOUNCE_MAILBOX');
    expect(code).toBe(2);
  });
});

test('names in suppressed.csv change with the secret and tell no address', () => {
  expect(suppressedName('one secret of ours', 'a@b.example')).toMatch(/^[0-9a-f]{32}$/);
  expect(suppressedName('one secret of ours', 'a@b.example')).not.toBe(
    suppressedName('another secret, too', 'a@b.example'),
  );
});

test('who is in suppressed.csv gets no mail, on a machine whose ledger never heard of them', async () => {
  const server = await startSmtpServer();
  onTestFinished(() => server.close());
  const project = temporaryProject({
    'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords.\n',
    'subscribers/weekly.csv': 'email\nada@example.com\ngone@example.com\nleft@example.com\n',
    'subscribers/suppressed.csv': addSuppressed(
      '',
      [
        { key: 'gone@example.com', list: null, reason: 'bounced', at: '2026-11-25T00:00:00.000Z' },
        { key: 'left@example.com', list: 'weekly', reason: 'unsubscribed', at: '2026-11-25T00:00:00.000Z' },
        { key: 'ada@example.com', list: 'another', reason: 'unsubscribed', at: '2026-11-25T00:00:00.000Z' },
      ],
      SECRET,
    ),
  });
  const { code, stderr } = await runCommand(project.root, 'send hello --confirm hello', {
    SMTP_URL: server.url,
    LINK_SECRET: SECRET,
  });
  expect(code, stderr).toBe(0);
  expect(server.accepted()).toEqual(['ada@example.com']);
  expect(await suppressions(project)).toEqual({
    'gone@example.com': 'bounced',
    'left@example.com': 'unsubscribed',
  });
});

test('two branches of suppressed.csv merge: lines are sorted, and nobody has two', () => {
  const at = '2026-11-25T00:00:00.000Z';
  const suppression = fc.record({
    key: fc.constantFrom('a@b.example', 'c@d.example', 'e@f.example'),
    list: fc.constantFrom(null, 'weekly', 'daily'),
    reason: fc.constantFrom('bounced' as const, 'left' as const),
    at: fc.constant(at),
  });
  fc.assert(
    fc.property(fc.array(suppression), fc.array(suppression), (one, two) => {
      const text = addSuppressed(addSuppressed('', one, SECRET), two, SECRET);
      const [, ...lines] = text.trimEnd().split('\n');
      expect(lines).toEqual([...lines].sort());
      const places = [...one, ...two].map(({ key, list }) => `${key} ${list}`);
      expect(lines).toHaveLength(new Set(places).size);
      for (const { key, list } of [...one, ...two])
        expect(readSuppressed(text, ['another live secret', SECRET], list ?? 'any')(key)).not.toBeNull();
      expect(addSuppressed(text, two, SECRET)).toBe(text);
    }),
  );
});

test('from a send to its bounce: the next issue leaves the dead address out', async () => {
  const server = await startSmtpServer();
  onTestFinished(() => server.close());
  const project = temporaryProject(
    {
      'issues/one.md': '---\ntitle: One\ndate: 2026-02-02\n---\nWords.\n',
      'issues/two.md': '---\ntitle: Two\ndate: 2026-02-09\n---\nWords.\n',
      'subscribers/weekly.csv': 'email\nada@example.com\nBob@Example.com\n',
    },
    { bounceAddress: 'bounce@example.com' },
  );
  const env = { SMTP_URL: server.url, LINK_SECRET: SECRET };
  expect((await runCommand(project.root, 'send one --confirm one', env)).code).toBe(0);
  const { from, content } = server.received.find(({ to }) => to[0] === 'Bob@example.com')!;
  expect(from).toMatch(/^bounce\+[0-9a-f]{32}@example\.com$/);
  project.write('bounce.eml', report({ key: 'bob@example.com', to: from, returned: content.split('\r\n') }));
  const taken = await runCommand(project.root, 'bounces bounce.eml', env);
  expect(taken.stderr).toContain('bounced bob@example.com');
  expect((await runCommand(project.root, 'send two --confirm two', env)).code).toBe(0);
  expect(server.accepted().slice(2)).toEqual(['ada@example.com']);
  // The file of the suppressed is no list, so nothing is wrong with it.
  const checked = await runCommand(project.root, 'check', env);
  expect(`${checked.stdout}${checked.stderr}`).not.toContain('suppressed.csv');
});
