import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { expectTold } from './told.ts';

const SECRET = { LINK_SECRET: 'a-secret-of-the-tests-long-enough' };
const LIST = 'email,name,plan\nada@example.com,Ada,pro\nbob@example.com,Bob,free\n';
const ISSUE = '---\ntitle: Hello {{subscriber.name | "you"}}, {{subscriber.plan | "none"}}\n---\nWords.\n';
const project = (files: Record<string, string> = {}) =>
  temporaryProject({ 'subscribers/weekly.csv': LIST, 'issues/hello.md': ISSUE, ...files });

async function withLedger<T>(root: string, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedger(join(root, '.broadsheet/ledger.sqlite'));
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

/** What the public server does when a reader follows the link in the mail that asks. */
async function confirm(ledger: Ledger, key: string, lists: string[], now: number): Promise<void> {
  const asked = {
    purpose: 'subscribe',
    key,
    address: key,
    movedFrom: null,
    lists,
    fields: {},
    how: 'form',
  } as const;
  await ledger.ask({
    ...asked,
    source: '/subscribe',
    wording: '',
    askedAt: now - 1000,
    expiresAt: now + 60_000,
  });
  const waiting = (await ledger.takeMailDue(now, 10, 1000)).find((one) => one.key === key)!;
  const given = { fields: {}, wording: '', others: ['staff', 'weekly'], erasedKeys: [], now };
  expect(await ledger.confirm(waiting, given)).toBe(true);
}

test('the file and the ledger are one audience, and what the reader said wins', async () => {
  const server = await mailServer();
  const { root, write, read } = project();
  const env = { ...SECRET, SMTP_URL: server.url };
  write(
    'more.csv',
    'email,name,plan\nADA@example.com,Ada Lovelace,\nnew@example.com,Nia,pro\ncy@example.com,Cy,free\n',
  );
  const run = (...words: string[]) => runCommand(root, ['subscribers', ...words], env);
  expectTold(await run('import', 'more.csv', '--ledger', '--dry-run'), 0, [
    /new +3\n/,
    'weekly, in the ledger',
  ]);
  expectTold(await run('import', 'more.csv', '--ledger', '--confirm'), 0, [/new +3\n/, 'Written.']);
  expect(read('subscribers/weekly.csv')).toBe(LIST);
  write('more.csv', 'email,name,plan\nnew@example.com,Nia N.,\ncy@example.com,Cy,free\n');
  expectTold(await run('import', 'more.csv', '--ledger', '--confirm'), 0, [
    /new +0\n/,
    /updated +1\n/,
    /unchanged +1\n/,
  ]);
  expectTold(await run('add', 'cy@example.com', '--ledger', '--field', 'plan=pro'), 0, ['updated']);
  expectTold(await run('show', 'ada@example.com'), 0, [
    'weekly: subscribed  name=Ada Lovelace',
    'weekly: given on 20',
    'by import a plain CSV: more.csv',
  ]);
  expectTold(await run('export', '--consents'), 0, [
    'at,key,list,act,how,source,wording',
    ',cy@example.com,weekly,given,command,',
  ]);
  expectTold(await run('show', '--where', 'plan == "pro"'), 0, [
    '2 readers',
    'new@example.com  name=Nia N.  plan=pro',
  ]);
  await withLedger(root, (ledger) =>
    ledger.setFields('ada@example.com', { name: '', plan: 'gold' }, Date.now()),
  );
  await run('remove', 'bob@example.com');

  expectTold(await runCommand(root, 'send hello --confirm hello', env), 0, [/recipients +3\n/]);
  const mailed = server.accepted.map(({ to, content }) => [to, /^Subject: (.*)$/m.exec(content)![1]!.trim()]);
  // Her name she took back herself: the file's does not stand in for it.
  expect(mailed.sort()).toEqual([
    ['ADA@example.com', 'Hello you, gold'],
    ['cy@example.com', 'Hello Cy, pro'],
    ['new@example.com', 'Hello Nia N., pro'],
  ]);
  expectTold(await run('remove', 'cy@example.com'), 0, ['taken off weekly, in the ledger']);
  expectTold(await run('show', 'cy@example.com'), 1, [
    'weekly: not mailed since',
    'weekly: left on',
    'on none of the lists',
  ]);
});

test('a list may be in the ledger alone', async () => {
  const { root } = project();
  const run = (...words: string[]) => runCommand(root, ['subscribers', ...words], SECRET);
  expectTold(await run('add', 'a@example.com', '--list', 'daily', '--ledger', '--name', 'Ann'), 0, [
    'daily, in the ledger: new',
  ]);
  expectTold(await run('export', '--list', 'daily'), 0, ['email,name\na@example.com,Ann\n']);
  expectTold(await runCommand(root, 'send hello --list daily --dry-run'), 0, [
    /recipients +1\n/,
    'Hello Ann, none',
  ]);
});

test('who confirms again is mailed again, and leaves the file when it is brought up to date', async () => {
  const { root, read } = project();
  const run = (line: string) => runCommand(root, `subscribers ${line}`, SECRET);
  const at = '2026-01-01T00:00:00.000Z';
  await withLedger(root, async (ledger) => {
    await ledger.suppress({ key: 'ada@example.com', list: null, reason: 'left', at });
    await ledger.suppress({ key: 'bob@example.com', list: 'weekly', reason: 'complained', at });
  });
  expectTold(await run('sync'), 0, ['2 from the ledger into the file.']);
  expectTold(await run('show'), 0, ['weekly: 0 readers; not mailed: 1 left, 1 complained']);
  await withLedger(root, (ledger) =>
    confirm(ledger, 'ada@example.com', ['weekly'], Date.parse('2026-02-01')),
  );
  // The file still says that she left; the ledger knows better.
  expectTold(await run('show'), 0, ['weekly: 1 reader; not mailed: 1 complained']);
  expectTold(await run('sync'), 0, ['1 came back and left the file']);
  const kept = read('subscribers/suppressed.csv').trimEnd().split('\n').slice(1);
  expect(kept.map((line) => line.slice(33)).sort()).toEqual([`staff,left,${at}`, `weekly,complained,${at}`]);
  const before = read('subscribers/suppressed.csv');
  expectTold(await run('sync'), 0, [
    '0 from subscribers/suppressed.csv into the ledger, 0 from the ledger into the file.',
  ]);
  expect(read('subscribers/suppressed.csv')).toBe(before);
  // A ledger that does not know of it is told by the file alone.
  expectTold(await runCommand(root, 'subscribers show ada@example.com', SECRET), 0, ['weekly: subscribed']);
});
