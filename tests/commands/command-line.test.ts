import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { expectTold } from './told.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const files = { 'issues/a.md': '# A\n\nWords.' };

describe('--help', () => {
  test.concurrent.each(['preview', 'send', 'check', 'build', 'status'])('%s has examples', async (name) => {
    const ended = await runCommand(ROOT, `${name} --help`);
    expectTold(ended, 0, [
      `Usage: broadsheet ${name}`,
      'Examples:',
      `$ npm run ${name}`,
      '--no-input',
      '--quiet',
    ]);
    expect(ended.stderr).toBe('');
  });

  test('arrives through npm, and -s keeps its banner away', async () => {
    const npm = spawn('npm', ['run', '-s', 'send', '--', '--help'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    npm.stdout.on('data', (text) => {
      stdout += text;
    });
    expect(await once(npm, 'close')).toEqual([0, null]);
    expect(stdout).toMatch(/^Usage: broadsheet send/);
  });

  test('names every command', async () => {
    const { stdout, code } = await runCommand(ROOT, '--help');
    expect(code).toBe(0);
    for (const name of ['preview', 'send', 'check', 'build', 'status'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });
});

describe('wrong usage exits 2 and says what', () => {
  test.concurrent.each([
    ['send --tset', "unknown option '--tset'"],
    ['check --fix', "unknown option '--fix'"],
    ['deliver', "unknown command 'deliver'"],
    ['build', 'Which issue?'],
    ['status a --resolve maybe', 'resend, accept'],
    ['status a b', 'too many arguments'],
    ['preview --port http', 'is not a whole number'],
    ['send --to', 'argument missing'],
  ])('%s', async (line, says) => {
    const ended = await runCommand(temporaryProject(files).root, line);
    expectTold(ended, 2, [says]);
    expect(ended.stdout).toBe('');
  });

  test('no command at all shows the help', async () => {
    expectTold(await runCommand(ROOT, []), 2, ['Usage: broadsheet', 'send']);
  });
});

test('a reader who has read enough, as head does, is no fault', async () => {
  const issue = `# A\n\n${'[here](http://localhost/)\n\n'.repeat(3000)}`;
  const { root } = temporaryProject({ 'issues/a.md': issue });
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../src/main.mjs', import.meta.url)), 'check', '--json'],
    {
      cwd: root,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  await once(child, 'close');
  expect(stderr).not.toMatch(/EPIPE|\n\s+at /);
});
