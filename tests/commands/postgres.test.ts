import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { expectTold } from './told.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const readers = Array.from({ length: 40 }, (_, index) => `r${index}@example.com`);
const files = {
  'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords.\n',
  'subscribers/weekly.csv': `email\n${readers.join('\n')}\n`,
};

test('DATABASE_URL alone puts the ledger into PostgreSQL: plan, stop, go on from another folder, status', async () => {
  const server = await mailServer();
  const env = { SMTP_URL: server.url, DATABASE_URL: await postgres.database() };
  const [one, two] = [temporaryProject(files), temporaryProject(files)];
  expectTold(await runCommand(one.root, 'send hello --dry-run', env), 0, [/recipients +40/]);
  expectTold(await runCommand(one.root, 'send hello --confirm hello', env), 0, ['finished: 40 accepted']);
  expect(one.names('.broadsheet')).not.toContain('ledger.sqlite');
  // Another machine knows the same.
  expectTold(await runCommand(two.root, 'send hello --confirm hello', env), 0, ['Everybody on this list']);
  expectTold(await runCommand(two.root, 'status', env), 0, ['hello to weekly', '40 accepted']);
  expect(server.accepted.map(({ to }) => to).sort()).toEqual(readers.toSorted());
});

test('two machines that begin at once share the work: nobody twice, nobody lost', async () => {
  const server = await mailServer();
  const env = { SMTP_URL: server.url, DATABASE_URL: await postgres.database() };
  const both = await Promise.all(
    [temporaryProject(files), temporaryProject(files)].map(({ root }) =>
      runCommand(root, 'send hello --confirm hello', env),
    ),
  );
  for (const { code, stderr } of both) expect([0, 75], stderr).toContain(code);
  expect(server.accepted.map(({ to }) => to).sort()).toEqual(readers.toSorted());
});

test('a database that cannot be reached is told, may pass, and sends nothing; its password is not shown', async () => {
  const { root } = temporaryProject(files);
  const env = { SMTP_URL: 'smtp://127.0.0.1:9', DATABASE_URL: 'postgres://me:hush@127.0.0.1:9/letters' };
  for (const line of ['send hello --confirm hello', 'send hello --dry-run', 'send --due', 'status']) {
    const ended = await runCommand(root, line, env);
    expectTold(ended, 75, ['PostgreSQL cannot be opened', 'ECONNREFUSED']);
    expect(ended.stderr).not.toContain('hush');
  }
});

test.each([
  ['mysql://me:hush@127.0.0.1/letters', {}, 'no address of a PostgreSQL database'],
  ['postgres://127.0.0.1/letters', { LEDGER: 'git' }, 'there is one ledger'],
])('DATABASE_URL %s is a fault of the configuration', async (url, more, says) => {
  const ended = await runCommand(temporaryProject(files).root, 'status', { DATABASE_URL: url, ...more });
  expectTold(ended, 78, [says]);
  expect(ended.stderr).not.toContain('hush');
});
