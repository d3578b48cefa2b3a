import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.mjs', import.meta.url));
const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

export interface RunningPreview {
  readonly url: string;
  readonly smtp: string;
  /** Sends a signal and gives the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `preview` on a free port in the folder `root`, in a process of its own; it is ended after the test file. */
export async function startPreview(root: string, port = 0): Promise<RunningPreview> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn(process.execPath, [MAIN, 'preview', '--json', '--port', String(port)], {
    cwd: root,
    env: { PATH, HOME, TMPDIR },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let printed = '';
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdout.setEncoding('utf8');
  for await (const text of child.stdout.iterator({ destroyOnReturn: false })) {
    printed += text;
    if (printed.includes('\n')) break;
  }
  if (!printed.includes('\n')) throw new Error(`The preview did not start: ${said}`);
  return {
    ...(JSON.parse(printed) as { url: string; smtp: string }),
    async end(signal = 'SIGINT') {
      const ended = once(child, 'exit');
      child.kill(signal);
      const [code] = (await ended) as [number | null];
      started.delete(child);
      return code;
    },
  };
}
