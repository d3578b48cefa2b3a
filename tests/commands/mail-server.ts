import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface MailServer {
  /** For SMTP_URL. */
  readonly url: string;
  readonly port: number;
  /** What was accepted, in order. */
  readonly accepted: { readonly to: string; readonly content: string }[];
}

export interface Refusals {
  /** Addresses that RCPT refuses with 550. */
  readonly reject?: readonly string[];
  /** Drops the connection instead of replying to the final dot of the first message. */
  readonly dropFirst?: boolean;
  /** Asks for a password and refuses every one. */
  readonly refuseLogin?: boolean;
}

/** A real SMTP server on this machine; it ends with the test. */
export async function mailServer(refusals: Refusals = {}): Promise<MailServer> {
  const accepted: MailServer['accepted'] = [];
  let drops = refusals.dropFirst ? 1 : 0;
  const options: SMTPServerOptions = {
    authOptional: !refusals.refuseLogin,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth(_auth, _session, done) {
      done(Object.assign(new Error('5.7.8 Wrong user or password'), { responseCode: 535 }));
    },
    onRcptTo({ address }, _session, done) {
      if (refusals.reject?.includes(address))
        return done(Object.assign(new Error('5.1.1 No such user here'), { responseCode: 550 }));
      done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (drops > 0) {
          drops -= 1;
          for (const connection of server.connections)
            (connection as never as { _socket: { destroy(): void } })._socket.destroy();
          return;
        }
        for (const { address } of session.envelope.rcptTo)
          accepted.push({ to: address, content: Buffer.concat(chunks).toString() });
        done();
      });
    },
  };
  const server = new SMTPServer(options);
  server.server.on('connection', (socket) => socket.setNoDelay(true));
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, port, accepted };
}

/** An address at which nothing listens: its port was free a moment ago. */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `smtp://127.0.0.1:${port}`;
}
