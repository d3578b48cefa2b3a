import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a process took: seconds by the clock, seconds of CPU, MB at its peak. */
export interface Usage {
  readonly seconds: number;
  readonly cpu: number;
  readonly memory: number;
}

const HOOK = fileURLToPath(new URL('report-usage.mjs', import.meta.url));

/** Runs a program of Node to its end and measures it; throws with what it printed when it fails. */
export async function measureNode(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Usage> {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const began = performance.now();
  const child = spawn(process.execPath, ['--import', HOOK, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, TMPDIR, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [said, told, code] = await Promise.all([
    text(child.stderr!),
    text(child.stdio[3] as NodeJS.ReadableStream),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${said}`);
  return { seconds, ...(JSON.parse(told) as { cpu: number; memory: number }) };
}

/** The same of any other program; its CPU and memory are looked at every 20 ms while it runs, on Linux. */
export async function measureProgram(command: string, args: readonly string[]): Promise<Usage> {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let last = { cpu: Number.NaN, memory: Number.NaN };
  const timer = setInterval(() => {
    last = usageOf(child.pid!) ?? last;
  }, 20);
  const [said, code] = await Promise.all([
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${said}`);
  return { seconds: (performance.now() - began) / 1000, ...last };
}

/** What a process of Linux has used so far; null: it is gone, or this is no Linux. */
export function usageOf(pid: number): { cpu: number; memory: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // User and system time in ticks, 100 a second.
    return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: Number(peak) / 1024 };
  } catch {
    return null;
  }
}
