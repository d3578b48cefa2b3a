import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Campaign } from '../../src/campaign/campaign.ts';
import type { Transition } from '../../src/campaign/settle.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { runCommand } from '../support/run-command.ts';
import { type Script, startSmtpServer } from '../support/smtp-server.ts';
import { type TemporaryProject, temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { campaigns, expectTold } from './told.ts';

const files = { 'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords.\n' };
const NOW = Date.UTC(2026, 10, 26, 12);

/** A reader and what became of the message: a state, a code and the server's words. */
type Row = readonly [
  address: string,
  to: Transition['to'],
  code: number | null,
  enhanced: string | null,
  reply: string,
];

/** A project with one campaign of "hello" that came to this. */
async function scene(rows: readonly Row[], state: Campaign['state'] = 'finished'): Promise<TemporaryProject> {
  const list = rows.map(([address]) => address).join('\n');
  const project = temporaryProject({ ...files, 'subscribers/weekly.csv': `email\n${list}\n` });
  const ledger = await openLedger(join(project.root, '.broadsheet/ledger.sqlite'));
  const readers = rows.map(([address]) => ({ address, key: address.toLowerCase(), fields: {} }));
  const sender = { name: 'The Broadside', listName: 'weekly' } as Campaign['sender'];
  const campaign = {
    id: 'c1',
    slug: 'hello',
    list: 'weekly',
    digest: '',
    sender,
    reason: '',
    createdAt: NOW,
  };
  await ledger.record({ ...campaign, state: 'running' }, '{}', readers);
  await ledger.beat(NOW);
  for (let left = rows.length; left > 0; ) {
    const claimed = await ledger.claim('c1', NOW, 500);
    left -= claimed.length;
    await Promise.all(
      claimed.map(async (delivery) => {
        const [, to, code, enhanced, reply] = rows[delivery.id - 1]!;
        await ledger.markSending(delivery, NOW, NOW + delivery.id);
        const transition = { to, code, enhanced, reply, tries: 1, dueAt: NOW + 9e9 };
        await ledger.settle(delivery, transition, NOW + delivery.id + 45);
      }),
    );
  }
  await ledger.setState('c1', state, '');
  await ledger.close();
  return project;
}

const unknown = (name: string): Row => [
  `${name}@example.com`,
  'rejected',
  550,
  '5.1.1',
  `5.1.1 <${name}@example.com>: user unknown`,
];
const ROWS: readonly Row[] = [
  ['ada@example.com', 'accepted', 250, '2.0.0', '2.0.0 queued as 4A1'],
  ['bea@example.com', 'accepted', 250, '2.0.0', '2.0.0 queued as 4A2'],
  unknown('cy'),
  unknown('dee'),
  ['eve@example.org', 'rejected', 554, '5.7.1', '5.7.1 spam, said <script>alert(1)</script>'],
  ['=cmd@example.org', 'rejected', 550, null, '=HYPERLINK("http://x")'],
  ['gil@example.org', 'uncertain', null, null, 'The connection was lost'],
  ['hal@example.org', 'queued', 452, '4.2.2', '4.2.2 mailbox full'],
];

describe('what is told', () => {
  test('counts, replies that say the same together, who had trouble, and what to do', async () => {
    const { root } = await scene(ROWS, 'running');
    expectTold(await runCommand(root, 'status hello'), 0, [
      /^hello to weekly, begun 2026-11-26 12:00 UTC: waiting until /,
      '2 accepted, 4 rejected, 1 uncertain; 1 of the queued were deferred',
      /\n {10}2 {2}rejected {3}550 5\.1\.1 <…>: user unknown\n/,
      /\n {10}2 {2}accepted {3}250 2\.0\.0\n/,
      /\n {10}1 {2}deferred {3}452 4\.2\.2 mailbox full\n/,
      '\n  rejected cy@example.com  550 5.1.1 <cy@example.com>: user unknown\n',
      '\n  uncertain gil@example.org   The connection was lost\n',
      '--resolve resend',
    ]);
    const [told] = JSON.parse((await runCommand(root, 'status --json')).stdout);
    expect(told).toMatchObject({
      slug: 'hello',
      counts: { accepted: 2, rejected: 4, uncertain: 1, queued: 1 },
      nextDue: NOW + 9e9,
    });
    expect(told.replies[0]).toEqual({
      state: 'accepted',
      code: 250,
      enhanced: '2.0.0',
      reply: '',
      count: 2,
    });
    expect(told.troubled).toHaveLength(5);
    expect(told.troubled[0]).toEqual({
      address: 'cy@example.com',
      state: 'rejected',
      tries: 1,
      code: 550,
      enhanced: '5.1.1',
      reply: '5.1.1 <cy@example.com>: user unknown',
      at: NOW + 3 + 45,
    });
  });

  test('of many only the first are named, and where the rest is', async () => {
    const { root } = await scene(Array.from({ length: 50 }, (_, index) => unknown(`r${index}`)));
    const { stdout, stderr } = await runCommand(root, 'status');
    expect(stdout).toMatch(/ 50 {2}rejected {3}550 5\.1\.1 <…>: user unknown\n/);
    expect(stdout.match(/@/g)!.length).toBe(40);
    expect(stderr).toContain('… and 30 more: npm run -s status -- hello --csv');
  });

  test('--csv gives every delivery, with its times, and nothing that a spreadsheet would run', async () => {
    const many = Array.from(
      { length: 2500 },
      (_, index): Row => [`m${index}@example.net`, 'accepted', 250, null, 'ok'],
    );
    const { root } = await scene([...ROWS, ...many]);
    const { stdout, code } = await runCommand(root, 'status hello --csv');
    expect(code).toBe(0);
    const rows: Record<string, string>[] = parse(stdout, { columns: true });
    expect(rows).toHaveLength(ROWS.length + many.length);
    expect(new Set(rows.map(({ address }) => address)).size).toBe(rows.length);
    expect(rows[0]).toEqual({
      campaign: 'c1',
      issue: 'hello',
      list: 'weekly',
      address: 'ada@example.com',
      state: 'accepted',
      tries: '1',
      code: '250',
      enhanced: '2.0.0',
      reply: '2.0.0 queued as 4A1',
      begun: '2026-11-26T12:00:00.001Z',
      settled: '2026-11-26T12:00:00.046Z',
      due: '',
    });
    expect(rows[5]).toMatchObject({ address: "'=cmd@example.org", reply: `'=HYPERLINK("http://x")` });
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  test('--report writes one page that needs nothing else and names nobody', async () => {
    const project = await scene(ROWS);
    expectTold(await runCommand(project.root, 'status hello --report out.html'), 0, ['Written: out.html']);
    const page = project.read('out.html');
    expect(page).toContain('<title>hello to weekly</title>');
    expect(page).toContain('550 5.1.1 &lt;…&gt;: user unknown');
    expect(page).toContain('example.org</strong>');
    expect(page).not.toMatch(/<script|<link|<img|\bsrc=|url\(|@example/);
    expect(page.length).toBeLessThan(40_000);
    for (const [line, says] of [
      ['status hello --report notes.md', 'is no name of a page'],
      ['status --report out.html', 'Which issue?'],
    ] as const)
      expectTold(await runCommand(project.root, line), 2, [says]);
    expectTold(await runCommand(project.root, 'status hello --report no/such/out.html'), 78, [
      'no/such/out.html',
    ]);
  });
});

describe('--retry-rejected', () => {
  test.each([
    ['550', 3, ['=cmd@example.org', 'cy@example.com', 'dee@example.com']],
    ['5.1.1', 2, ['cy@example.com', 'dee@example.com']],
    ['5.1', 2, ['cy@example.com', 'dee@example.com']],
    ['SPAM, said', 1, ['eve@example.org']],
    ['all', 4, ['=cmd@example.org', 'cy@example.com', 'dee@example.com', 'eve@example.org']],
  ])('%s queues %i again, and nobody else', async (reason, count, meant) => {
    const project = await scene(ROWS);
    const line = ['status', 'hello', '--retry-rejected', reason];
    expectTold(await runCommand(project.root, line), 0, [`${count} rejected queued again: run send`]);
    const ledger = await openLedger(join(project.root, '.broadsheet/ledger.sqlite'));
    onTestFinished(() => ledger.close());
    const due = (await ledger.deliveries('c1', ['queued'])).filter(({ tries }) => tries === 0);
    expect(due.map(({ address }) => address).sort()).toEqual(meant);
    expect((await ledger.campaign('c1'))!.state).toBe('running');
  });

  test('of nobody says what they were rejected with, and changes nothing', async () => {
    const project = await scene(ROWS);
    expectTold(await runCommand(project.root, 'status hello --retry-rejected 5.2.2'), 1, [
      'Nobody of hello to weekly was rejected with "5.2.2".',
      '2  rejected   550 5.1.1 <…>: user unknown',
    ]);
    expectTold(await runCommand(project.root, ['status', 'hello', '--retry-rejected', ' ']), 2, [
      'which reason?',
    ]);
    expect(campaigns(project)).toMatchObject([{ state: 'finished', counts: { rejected: 4 } }]);
  });

  test('then send delivers them, who is suppressed stays', async () => {
    const first = await startSmtpServer({
      rcpt: (to) => (to.startsWith('ada') ? '250 ok' : '550 5.2.2 over quota'),
    });
    onTestFinished(() => first.close());
    const project = temporaryProject({
      ...files,
      'subscribers/weekly.csv': 'email\nada@example.com\nbob@example.com\ncy@example.com\n',
    });
    const line = 'send hello --confirm hello';
    expectTold(await runCommand(project.root, line, { SMTP_URL: first.url }), 3, ['1 accepted, 2 rejected']);
    const ledger = await openLedger(join(project.root, '.broadsheet/ledger.sqlite'));
    await ledger.suppress({
      key: 'bob@example.com',
      list: null,
      reason: 'bounced',
      at: '2026-11-26T12:00:00Z',
    });
    await ledger.suppress({
      key: 'cy@example.com',
      list: 'another',
      reason: 'unsubscribed',
      at: '2026-11-26T12:00:00Z',
    });
    await ledger.close();
    expectTold(await runCommand(project.root, 'status hello --retry-rejected 550'), 0, [
      '1 rejected queued again',
      'Suppressed, and left as they are: 1.',
    ]);
    const second = await mailServer();
    expectTold(await runCommand(project.root, line, { SMTP_URL: second.url }), 3, ['2 accepted, 1 rejected']);
    expect(second.accepted.map(({ to }) => to)).toEqual(['cy@example.com']);
  });
});

/** A campaign of many that another process delivers, some of it delivered already. */
async function underWay(script: Script) {
  const readers = Array.from({ length: 400 }, (_, index) => `r${index}@example.com`);
  const some = Promise.withResolvers<void>();
  const server = await startSmtpServer({
    ...script,
    final() {
      if (server.received.length === 20) some.resolve();
      return '250 2.0.0 taken';
    },
  });
  onTestFinished(() => server.close());
  const limits = { perSecond: 40, connections: 3 };
  const project = temporaryProject(
    { ...files, 'subscribers/weekly.csv': `email\n${readers.join('\n')}\n` },
    { limits },
  );
  const main = fileURLToPath(new URL('../../src/main.mjs', import.meta.url));
  const { PATH = '', HOME = '' } = process.env;
  const sender = spawn(process.execPath, [main, 'send', 'hello', '--confirm', 'hello'], {
    cwd: project.root,
    env: { PATH, HOME, SMTP_URL: server.url },
    stdio: 'ignore',
  });
  onTestFinished(() => void sender.kill('SIGKILL'));
  const ended = once(sender, 'exit');
  await some.promise;
  return { server, project, ended, readers, connections: limits.connections };
}

test.each([
  ['pause', 75, 'paused'],
  ['cancel', 0, 'cancelled'],
] as const)(
  '--%s reaches a campaign that another process delivers: what follows is what was in flight',
  async (what, code, state) => {
    const { server, project, ended, readers, connections } = await underWay({});
    expectTold(await runCommand(project.root, `status hello --${what}`), 0, [`UTC: ${state}`]);
    const before = server.received.length;
    expect((await ended)[0]).toBe(code);
    expect(server.received.length - before).toBeLessThanOrEqual(connections);
    expect(server.received.length).toBeLessThan(readers.length);
    expect(campaigns(project)).toMatchObject([{ state, counts: { accepted: server.received.length } }]);
  },
);

test('--retry-rejected reaches it too: the same process sends them', async () => {
  let mended = false;
  const { server, project, ended, readers } = await underWay({
    rcpt: (to) => (to.startsWith('r1@') && !mended ? '550 5.2.2 over quota' : '250 ok'),
  });
  mended = true;
  expectTold(await runCommand(project.root, 'status hello --retry-rejected 5.2.2'), 0, [
    '1 rejected queued again',
  ]);
  expect((await ended)[0]).toBe(0);
  expect(server.accepted().toSorted()).toEqual(readers.toSorted());
});
