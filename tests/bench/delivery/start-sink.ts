import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { usageOf } from './measure.ts';

/** A mail server in a process of its own that takes everything and keeps nothing. */
export interface Sink {
  readonly name: string;
  readonly port: number;
  /** Seconds of CPU so far. */
  cpu(): Promise<number>;
  close(): void;
}

/** Is a program of Postfix (`smtp-sink`, `smtp-source`) installed? */
export function isInstalled(program: string): boolean {
  return spawnSync(program, [], { stdio: 'ignore' }).error === undefined;
}

/** Postfix's `smtp-sink`, written in C; our own where it is not installed, and where replies are to be delayed (ms). */
export async function startSink(delay = 0): Promise<Sink> {
  if (delay === 0 && !process.env.OWN && isInstalled('smtp-sink')) return startSmtpSink();
  const child = fork(fileURLToPath(new URL('sink.ts', import.meta.url)), [String(delay)]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    name: 'our own sink',
    port,
    async cpu() {
      child.send('tell');
      const [{ cpu }] = (await once(child, 'message')) as [{ cpu: number }];
      return cpu;
    },
    close: () => child.disconnect(),
  };
}

async function startSmtpSink(): Promise<Sink> {
  const port = await freePort();
  // As root it wants to be told whom to become.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('smtp-sink', [...user, `127.0.0.1:${port}`, '256'], { stdio: 'ignore' });
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 100) throw new Error('smtp-sink does not start');
    await sleep(20);
  }
  return {
    name: 'smtp-sink',
    port,
    cpu: async () => usageOf(child.pid!)?.cpu ?? Number.NaN,
    close: () => child.kill(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
