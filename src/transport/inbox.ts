import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

/** A running inbox: an SMTP server on this machine that keeps what it gets. */
export interface Inbox {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** 50 MB: more than any relay takes. */
const SIZE = 50 * 1024 * 1024;

/**
 * Starts the inbox on 127.0.0.1 (`port` 0: any free one). Each message is written to `folder` as `.eml` before it is
 * accepted. It asks for no password and offers no TLS: it never leaves the machine.
 */
export async function startInbox({ folder, port = 0 }: { folder: string; port?: number }): Promise<Inbox> {
  // Readers' addresses stand in it: for this user alone.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    size: SIZE,
    disableReverseLookup: true,
    // Without it Nagle's algorithm costs about 30 ms a message.
    onConnect(_session, callback) {
      callback();
    },
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const name = `${new Date().toISOString().replace(/[:.]/g, '-')}-${randomBytes(4).toString('hex')}`;
        const temporary = join(folder, `.${name}.tmp`);
        writeFile(temporary, Buffer.concat(chunks), { mode: 0o600 })
          .then(() => rename(temporary, join(folder, `${name}.eml`)))
          .then(
            () => callback(null, `kept as ${name}.eml`),
            () => callback(Object.assign(new Error('The inbox cannot be written'), { responseCode: 452 })),
          );
      });
    },
  });
  server.server.on('connection', (socket) => socket.setNoDelay(true));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  server.on('error', () => {});
  const bound = (server.server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `smtp://127.0.0.1:${bound}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Names of the kept messages, newest first. */
export async function inboxNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^[\w-]+\.eml$/.test(name))
    .sort()
    .reverse();
}

/** One kept message as it came, or null. The name is checked: it comes from a URL. */
export async function readInboxMessage(folder: string, name: string): Promise<Buffer | null> {
  return /^[\w-]+\.eml$/.test(name) ? readFile(join(folder, name)).catch(() => null) : null;
}
