import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FromSink, Strike, Struck, ToSink } from './sink.ts';

/** One message that was taken. */
export interface Taken {
  readonly to: string;
  readonly messageId: string;
  /** Of all of it, headers too. */
  readonly hash: string;
}

export interface Sink {
  readonly url: string;
  /** What its disk says, in order. */
  taken(): Taken[];
  tell(what: ToSink): void;
  /** Gives how things stood when it struck; never, if it does not come to that. */
  strike(strike: Strike): Promise<Struck>;
  /** Kills itself with -9 at the nth final dot, which is recorded and never answered, and starts again at the same port. */
  fall(nth: number): Promise<void>;
  close(): Promise<void>;
}

const SINK = fileURLToPath(new URL('sink.ts', import.meta.url));

export async function startSink(): Promise<Sink> {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-sink-'));
  const file = join(folder, 'taken');
  const start = async (port: number) => {
    const child = fork(SINK, [file, String(port)], { execArgv: [] });
    const [said] = (await once(child, 'message')) as [FromSink & { port: number }];
    return { child, port: said.port };
  };
  let { child, port } = await start(0);
  const tell = (message: ToSink) => child.send(message);
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken() {
      if (!existsSync(file)) return [];
      return readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => {
          const [to = '', messageId = '', hash = ''] = line.split(' ');
          return { to, messageId, hash };
        });
    },
    tell: (what) => void tell(what),
    async strike(strike) {
      tell({ strike });
      for (;;) {
        const [said] = (await once(child, 'message')) as [FromSink];
        if ('struck' in said) return said.struck;
      }
    },
    async fall(nth) {
      tell({ strike: { group: null, signal: 'SIGKILL', moment: 'dot', nth, delay: 0 } });
      await once(child, 'exit');
      ({ child, port } = await start(port));
    },
    async close() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
