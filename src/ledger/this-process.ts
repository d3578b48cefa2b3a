import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who a sender is, so that another process can tell whether it still lives. */
export interface ProcessIdentity {
  readonly id: string;
  /** Host name and boot: a process id means nothing on another machine or after a restart. */
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the kernel's ticks: process ids are used again. */
  readonly born: string;
}

/** This process, under a new random id. */
export function thisProcess(): ProcessIdentity {
  return {
    id: randomBytes(9).toString('base64url'),
    host: hostOfBoot(),
    pid: process.pid,
    born: bornAt(process.pid) ?? '',
  };
}

/** Does a process of this host still run? Null: it belongs to another host, so only its silence can tell. */
export function isAlive({ host, pid, born }: Omit<ProcessIdentity, 'id'>): boolean | null {
  if (host !== hostOfBoot()) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return born === '' || bornAt(pid) === born;
}

function hostOfBoot(): string {
  return `${hostname()} ${read('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}`;
}

function bornAt(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has died; its parent has only not been told yet.
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
