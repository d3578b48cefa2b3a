import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Ended, runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';

const MAIN = fileURLToPath(new URL('../../src/main.mjs', import.meta.url));
export const BRANCH = 'refs/heads/broadsheet-ledger';
export const KEY = 'c0ffee00c0ffee00c0ffee00c0ffee00';

/** Git with an identity and nothing of this machine's configuration; gives what it printed. */
export function git(root: string, words: readonly string[], input = ''): string {
  const { PATH = '' } = process.env;
  const who = ['-c', 'user.name=Edna', '-c', 'user.email=edna@example.com', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...who, ...words], {
    cwd: root,
    input,
    env: { PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
    .toString()
    .trim();
}

export interface Origin {
  /** The bare repository that clones push to. */
  readonly path: string;
  /** A fresh clone, as CI makes it: shallow, and no branch checked out. */
  clone(): string;
  /** Adds a commit that changes one file. */
  commit(path: string, content: string): void;
  /** What somebody else does to the ledger's branch: another message, another file. */
  replaceBranch(message: string, content?: string): void;
}

/** A newsletter in a repository with a remote; it is removed when the test has ended. */
export function origin(files: Readonly<Record<string, string>>, config: object = {}): Origin {
  const { root, write } = temporaryProject(files, config);
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-origin-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'origin.git');
  git(root, ['init', '-q']);
  git(root, ['add', '.']);
  git(root, ['commit', '-q', '-m', 'First']);
  git(folder, ['clone', '-q', '--bare', root, path]);
  git(root, ['remote', 'add', 'origin', path]);
  let clones = 0;
  return {
    path,
    clone() {
      clones += 1;
      const to = join(folder, `clone-${clones}`);
      git(folder, ['clone', '-q', '--depth=1', `file://${path}`, to]);
      git(to, ['checkout', '-q', '--detach']);
      return to;
    },
    commit(file, content) {
      write(file, content);
      git(root, ['add', '.']);
      git(root, ['commit', '-q', '-m', `Change ${file}`]);
      git(root, ['push', '-q', 'origin', 'main']);
    },
    replaceBranch(message, content) {
      const tree =
        content === undefined
          ? `${BRANCH}^{tree}`
          : git(
              path,
              ['mktree'],
              `100644 blob ${git(path, ['hash-object', '-w', '--stdin'], content)}\tledger\n`,
            );
      git(path, ['update-ref', BRANCH, git(path, ['commit-tree', tree, '-m', message])]);
    },
  };
}

/** The environment of a CI job. */
export const job = (smtpUrl: string, more: Readonly<Record<string, string>> = {}) => ({
  CI: 'true',
  LEDGER: 'git',
  LEDGER_KEY: KEY,
  SMTP_URL: smtpUrl,
  ...more,
});

export const inCi = (
  root: string,
  line: string,
  smtpUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> => runCommand(root, line, job(smtpUrl, more));

/** The same, but it can be killed: with -9, as a machine dies. */
export function startInCi(
  root: string,
  line: string,
  smtpUrl: string,
  more: Readonly<Record<string, string>> = {},
): { kill(): void; readonly ended: Promise<Ended> } {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...line.split(' ')], {
    cwd: root,
    env: { PATH, HOME, TMPDIR, ...job(smtpUrl, more) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...printed }));
  });
  return { kill: () => void child.kill('SIGKILL'), ended };
}
