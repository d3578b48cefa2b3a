import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.mjs', import.meta.url));
const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

export interface RunningServer {
  readonly url: string;
  /** What it said on standard error so far. */
  readonly said: string;
  /** Sends a signal and gives the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `serve` on a free port in the folder `root`, in a process of its own; it is ended after the test file. */
export async function startServe(root: string, environment: Record<string, string>): Promise<RunningServer> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn(process.execPath, [MAIN, 'serve', '--json', '--port', '0'], {
    cwd: root,
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdout.setEncoding('utf8');
  const printed = await Promise.race([
    once(child.stdout, 'data').then(([text]) => String(text)),
    once(child, 'exit').then(() => ''),
  ]);
  if (printed === '') throw new Error(`The server did not start: ${said}`);
  return {
    ...(JSON.parse(printed) as { url: string }),
    get said() {
      return said;
    },
    async end(signal = 'SIGTERM') {
      const ended = once(child, 'exit');
      child.kill(signal);
      const [code] = (await ended) as [number | null];
      started.delete(child);
      return code;
    },
  };
}
