import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Spamd {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts Debian's SpamAssassin on this machine without any test that asks the network; null, and said so, where
 * it is not installed (`apt-get install spamassassin`).
 */
export async function startSpamd(): Promise<Spamd | null> {
  const binary = ['/usr/sbin/spamd', '/usr/bin/spamd'].find((path) => existsSync(path));
  if (!binary) {
    console.log(
      'SpamAssassin is not installed: no message is scored. (Debian: apt-get install spamassassin)',
    );
    return null;
  }
  const [host, port] = ['127.0.0.1', await freePort()];
  // Its own home: no Bayes database of this machine may change the score.
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-spamd-'));
  const daemon = spawn(
    binary,
    ['--local', '--nouser-config', '--syslog=stderr', `--helper-home-dir=${home}`, '--max-children=1'].concat(
      [`--listen=${host}:${port}`],
    ),
    {
      env: { PATH: `${process.env.PATH}:/usr/sbin:/usr/bin`, HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  await started(daemon);
  return {
    host,
    port,
    async close() {
      const gone = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await gone;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Waits for its word that it serves; throws with what it said when it ends instead. */
function started(daemon: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    daemon.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      if (said.includes('server started on')) resolve();
    });
    daemon.once('error', reject).once('exit', () => reject(new Error(`spamd ended: ${said}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
