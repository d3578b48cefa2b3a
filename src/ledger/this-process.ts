import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** Who a sender is, so that another process can tell whether it still lives. */
export interface ProcessIdentity {
  readonly id: string;
  /** Host name and boot: a process id means nothing on another machine or after a restart. */
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the kernel's ticks: process ids are used again. */
  readonly born: string;
  /**
   * Milliseconds since the machine was started, sleep included: nobody can set them, and all processes of it agree. Null:
   * this system does not tell one start from another.
   */
  uptime(): number | null;
}

/** This process, under a new random id. */
export function thisProcess(): ProcessIdentity {
  return {
    id: randomBytes(9).toString('base64url'),
    host: hostOfBoot(),
    pid: process.pid,
    born: bornAt(process.pid) ?? '',
    uptime: sinceStart,
  };
}

/** Does a process of this host still run? Null: it belongs to another host, so only its silence can tell. */
export function isAlive({ host, pid, born }: Pick<ProcessIdentity, 'host' | 'pid' | 'born'>): boolean | null {
  if (host !== hostOfBoot()) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return born === '' || bornAt(pid) === born;
}

/**
 * The kernel's monotonic clock is exact, and the same for all processes, but stands still in sleep; its uptime goes on, in
 * hundredths of a second: whole minutes of difference are sleep.
 */
function sinceStart(): number | null {
  if (read('/proc/sys/kernel/random/boot_id') === null) return null;
  const awake = Number(process.hrtime.bigint() / 1_000_000n);
  return awake + Math.round((uptime() * 1000 - awake) / 60_000) * 60_000;
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
