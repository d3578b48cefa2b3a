import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { type TemporaryProject, temporaryProject } from '../support/temporary-project.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Groups that run, so that none outlives the tests. */
const running = new Set<number>();
afterAll(() => {
  for (const group of running) kill(group, 'SIGKILL');
});

/** How many connections `projectForNpm` sends on. */
export const CONNECTIONS = 4;

/** A project with `count` readers in which `npm run send` works as in a real one. */
export function projectForNpm(
  count: number,
  connections = CONNECTIONS,
): { project: TemporaryProject; readers: string[] } {
  const readers = Array.from({ length: count }, (_, index) => `reader${index}@example.com`);
  const project = temporaryProject(
    {
      'package.json': JSON.stringify({
        name: 'newsletter',
        private: true,
        type: 'module',
        scripts: {
          // BEFORE_NODE and NODE_WORDS let a test limit or watch the process itself, and not npm's.
          send: `exec $BEFORE_NODE node $NODE_WORDS ${join(ROOT, 'src/main.mjs')} send`,
          status: `exec node ${join(ROOT, 'src/main.mjs')} status`,
        },
      }),
      'issues/letter.md':
        '---\ntitle: The letter\ndate: 2026-01-02\n---\n\nHello {{subscriber.name | "you"}}.\n',
      'subscribers/weekly.csv': `email,name\n${readers.map((address, index) => `${address},Reader ${index}`).join('\n')}\n`,
    },
    { limits: { connections } },
  );
  // npm puts the Node 24 of node_modules/.bin first.
  symlinkSync(join(ROOT, 'node_modules'), join(project.root, 'node_modules'));
  return { project, readers };
}

export interface NpmRun {
  /** The process group. */
  readonly group: number;
  /** To npm, its shell and node: what Ctrl-C on a terminal, or the end of a machine, reaches. */
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts `npm run -s …` in a process group of its own. */
export function startNpm(
  root: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): NpmRun {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child: ChildProcess = spawn('npm', ['run', '-s', ...words], {
    cwd: root,
    env: { PATH, HOME, TMPDIR, npm_config_update_notifier: 'false', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = child.pid!;
  running.add(group);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  const ended = once(child, 'close').then(([code]) => {
    running.delete(group);
    return { code: code as number | null, ...printed };
  });
  return { group, signal: (name) => kill(group, name), ended };
}

function kill(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
