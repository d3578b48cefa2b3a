import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { campaigns, expectTold } from './told.ts';

const issue = (title: string) => `---\ntitle: ${title}\ndate: 2026-02-02\n---\nWords.\n`;
const files = {
  'issues/hello.md': issue('Hello'),
  'issues/again.md': issue('Again'),
  'subscribers/weekly.csv': 'email,name\nada@example.com,Ada\nbob@gmail.com,Bob\ncy@example.com,Cy\n',
};
const send = (slug: string) => `send ${slug} --confirm ${slug}`;

test('a plan tells the limits of each server and domain, and when all of it will be over', async () => {
  const project = temporaryProject(files, {
    limits: { perMinute: 1, domains: { 'gmail.com': { perHour: 9, connections: 2 }, '*': { perSecond: 1 } } },
    relays: {
      'one.example.com': { weight: 3, warmUp: { days: [1, 2, 4, 8] } },
      'two.example.com': { weight: 1, perMinute: null, perDay: 1, connections: 2 },
    },
  });
  const env = { SMTP_URL: 'smtp://one.example.com smtps://two.example.com' };
  const { code, stdout, stderr } = await runCommand(project.root, 'send hello --dry-run --json', env);
  expect(code, stderr).toBe(0);
  const { limits, seconds, finish } = JSON.parse(stdout);
  expect(limits).toBe(
    'one.example.com:587, weight 3, 1/min, warm-up 1, 2, 4 … a day, 5 connections; ' +
      'two.example.com:465, weight 1, 1/day, 2 connections; gmail.com 9/h, 2 at once; each other domain 1/s',
  );
  // One a day through each, so the third is for tomorrow.
  expect(seconds).toBe(86_400);
  expect(Math.abs(Date.parse(finish) - Date.now() - 86_400_000)).toBeLessThan(120_000);
  expect(stderr).toMatch(/takes +about 24 h, until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
});

test('what was used today counts, in the plan and in the next send', async () => {
  const server = await mailServer();
  const project = temporaryProject(files, { limits: { perDay: 3 } });
  const env = { SMTP_URL: server.url };
  expectTold(await runCommand(project.root, send('hello'), env), 0, [
    'finished: 3 accepted',
    /takes +about 1 s/,
  ]);
  expectTold(await runCommand(project.root, 'send again --dry-run', env), 0, [/takes +about 24 h, until/]);
});

test('with two servers, one of them down, everybody gets one', async () => {
  const down = await startSmtpServer();
  await down.close();
  const server = await mailServer();
  const project = temporaryProject(files);
  const ended = await runCommand(project.root, send('hello'), { SMTP_URL: `${down.url} ${server.url}` });
  expectTold(ended, 0, ['finished: 3 accepted']);
  expect(server.accepted).toHaveLength(3);
});

test('the same address a thousand times and in twenty spellings gets one', async () => {
  const server = await mailServer();
  const spellings = Array.from({ length: 20 }, (_, n) =>
    [...'zoe.smith']
      .map((letter, at) => (((n + 1) >> (at % 5)) & 1 ? letter.toUpperCase() : letter))
      .join(''),
  );
  const domains = ['bücher.example', 'BÜCHER.example', 'xn--bcher-kva.example', 'bu\u0308cher.EXAMPLE'];
  const rows = [
    ...Array.from({ length: 1000 }, () => 'zoe.smith@xn--bcher-kva.example'),
    ...spellings.map((local, n) => `${local}@${domains[n % 4]}`),
  ];
  expect(new Set(rows).size).toBeGreaterThanOrEqual(20);
  const project = temporaryProject({ ...files, 'subscribers/weekly.csv': `email\n${rows.join('\n')}\n` });
  const ended = await runCommand(project.root, send('hello'), { SMTP_URL: server.url });
  expectTold(ended, 0, [/recipients +1\n/, '1,019 not: on the list twice', 'finished: 1 accepted']);
  // This server reads the A-label of the domain as what it stands for.
  expect(server.accepted.map(({ to }) => to)).toEqual(['zoe.smith@bücher.example']);
});

test('who is dead is not written to again', async () => {
  const server = await startSmtpServer({
    rcpt: (to) => (to.startsWith('bob') ? '550 5.1.1 no such reader' : '250 ok'),
  });
  try {
    const project = temporaryProject(files);
    const env = { SMTP_URL: server.url };
    expectTold(await runCommand(project.root, send('hello'), env), 3, ['2 accepted, 1 rejected']);
    const next = await runCommand(project.root, send('again'), env);
    expectTold(next, 0, [/recipients +2\n/, '1 not: bounced before', 'finished: 2 accepted']);
  } finally {
    await server.close();
  }
});

test('a server on a blocklist pauses the campaign with its words, and after that everybody gets one', async () => {
  const rows = Array.from({ length: 30 }, (_, n) => `r${n}@${n % 3}.example.com`);
  const list = { ...files, 'subscribers/weekly.csv': `email\n${rows.join('\n')}\n` };
  const server = await startSmtpServer({ rcpt: '554 5.7.1 blocked using zen.spamhaus.org' });
  try {
    const project = temporaryProject(list);
    const env = { SMTP_URL: server.url };
    const ended = await runCommand(project.root, send('hello'), env);
    expectTold(ended, 75, ['paused: 30 queued', 'zen.spamhaus.org', 'Nobody is lost']);
    server.play({});
    expectTold(await runCommand(project.root, send('hello'), env), 0, ['finished: 30 accepted']);
    expect(campaigns(project)).toEqual([{ slug: 'hello', state: 'finished', counts: { accepted: 30 } }]);
  } finally {
    await server.close();
  }
});

test('three sends at once keep one limit, on the real clock', async () => {
  const rows = Array.from({ length: 16 }, (_, n) => `r${n}@example.com`);
  const list = { ...files, 'subscribers/weekly.csv': `email\n${rows.join('\n')}\n` };
  const server = await mailServer();
  const project = temporaryProject(list, { limits: { perSecond: 5 } });
  const one = () => runCommand(project.root, send('hello'), { SMTP_URL: server.url });
  for (const ended of await Promise.all([one(), one(), one()])) expectTold(ended, 0, []);
  expect(server.accepted.map(({ to }) => to).toSorted()).toEqual(rows.toSorted());
  const ledger = new DatabaseSync(join(project.root, '.broadsheet/ledger.sqlite'), { readOnly: true });
  const times = ledger
    .prepare('SELECT at FROM begins')
    .all()
    .map(({ at }) => Number(at));
  ledger.close();
  expect(times).toHaveLength(16);
  for (const end of times)
    expect(times.filter((at) => at > end - 1000 && at <= end).length).toBeLessThanOrEqual(5);
});
