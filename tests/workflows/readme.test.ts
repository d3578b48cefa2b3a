import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { git } from '../ledger-branch/clones.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { runWorkflow, thisProject } from './run-workflow.ts';

const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const SECTION = README.split('\n## ').find((part) => part.startsWith('From zero to a scheduled newsletter'))!;

test('from a fresh clone to a newsletter that sent itself, by the commands of the README word for word', async () => {
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  const here = thisProject({
    'subscribers/staff.csv': 'email\neditor@example.com\n',
    'subscribers/weekly.csv': 'email,name\nada@example.com,Ada\n',
  });
  const clone = here.clone(true);
  git(clone, ['checkout', '-q', 'main']);
  // Only the time is another: nine o'clock has come. Our packages stand in for what npm ci installs.
  const commands = /```sh\n([\s\S]*?)```/
    .exec(SECTION)![1]!
    .replace('2030-01-07 09:00 Europe/Berlin', new Date(Date.now() - 60_000).toISOString())
    .replace(/^npm ci$/m, '');
  const { PATH = '', TMPDIR = '/tmp' } = process.env;
  const printed = execFileSync('bash', ['-eo', 'pipefail', '-c', commands], {
    cwd: clone,
    encoding: 'utf8',
    env: {
      PATH: `${dirname(process.execPath)}:${PATH}`,
      HOME: clone,
      TMPDIR,
      GIT_AUTHOR_NAME: 'Edna',
      GIT_AUTHOR_EMAIL: 'edna@example.com',
      GIT_COMMITTER_NAME: 'Edna',
      GIT_COMMITTER_EMAIL: 'edna@example.com',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const key = /^[0-9a-f]{64}$/m.exec(printed)?.[0];
  expect(key, printed).toBeDefined();

  const secrets = { 'secrets.SMTP_URL': smtp.url, 'secrets.LEDGER_KEY': key! };
  const ticked = { "inputs.new-ledger && '--new-ledger' || ''": '--new-ledger' };
  const tested = await runWorkflow('test-send.yml', here.clone(), { ...secrets, ...ticked });
  expect(tested.log).toContain('A receipt is kept: first');
  const sent = await runWorkflow('send.yml', here.clone(), secrets);
  expect(sent.summary).toContain('| first | weekly | finished | 1 | 0 | 0 | 0 | nothing |');
  expect(smtp.accepted()).toEqual(['editor@example.com', 'ada@example.com']);
  // Lines of quoted-printable are joined again.
  expect(smtp.received.at(-1)?.content.replaceAll('=\r\n', '')).toContain('Hello Ada!');
}, 240_000);

test('every workflow, test folder and environment variable that the README names is there', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const config = readFileSync(`${root}/src/config.ts`, 'utf8');
  for (const [, path] of README.matchAll(/`((?:tests|\.github|src)\/[\w./-]*)`/g))
    expect(execFileSync('ls', [`${root}/${path}`]).length, path).toBeGreaterThan(0);
  for (const name of ['SMTP_URL', 'LINK_SECRET', 'DKIM_PRIVATE_KEY', 'LEDGER', 'LEDGER_KEY'])
    expect(config).toContain(`env.${name}`);
});
