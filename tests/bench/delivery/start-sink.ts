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
  /** Since it was asked last; `cpu`: seconds since it began. Postfix's sink tells its CPU only. */
  tell(): Promise<Told>;
  close(): void;
}

export interface Told {
  readonly cpu: number;
  readonly messages?: number;
  readonly octets?: number;
  /** When the first and the last message came, ms. */
  readonly first?: number;
  readonly last?: number;
}

/** Is a program of Postfix (`smtp-sink`, `smtp-source`) installed? */
export function isInstalled(program: string): boolean {
  return spawnSync(program, [], { stdio: 'ignore' }).error === undefined;
}

/** Our own sink; `delay` (ms) keeps its replies back. */
export async function startOwnSink(delay = 0): Promise<Sink> {
  const child = fork(fileURLToPath(new URL('sink.ts', import.meta.url)), [String(delay)]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    name: 'our own sink',
    port,
    async tell() {
      child.send('tell');
      const [told] = (await once(child, 'message')) as [Told];
      return told;
    },
    close: () => child.disconnect(),
  };
}

/** Postfix's `smtp-sink`, which is written in C. */
export async function startSmtpSink(): Promise<Sink> {
  const port = await freePort();
  // As root it wants to be told whom to become.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('smtp-sink', [...user, `127.0.0.1:${port}`, '256'], { stdio: 'ignore' });
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 250) throw new Error('smtp-sink does not start');
    await sleep(20);
  }
  return {
    name: 'smtp-sink',
    port,
    tell: async () => ({ cpu: usageOf(child.pid!)?.cpu ?? Number.NaN }),
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
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
