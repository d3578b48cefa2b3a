import { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Stage } from '../mail.ts';
import { LONGEST_REPLY } from './parse-replies.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

/** A connection to a relay that nodemailer makes, secures and logs in, and what its dialogue tells. */
export interface Opening {
  readonly connection: SMTPConnection;
  /** The server's reply to this stage is awaited, or came last. */
  stage(): Stage;
  /** The last reply to EHLO, with the extensions that count (RFC 3207 §4.2: those told under TLS). */
  ehlo(): string;
}

export interface Timeouts {
  /** Milliseconds to connect and for the greeting. */
  readonly connect: number;
  /** Milliseconds without a word from the server; RFC 5321 §4.5.3.2.6 wants 10 minutes for the final reply. */
  readonly socket: number;
}

const STAGES: Readonly<Record<string, Stage>> = {
  EHLO: 'ehlo',
  HELO: 'ehlo',
  STARTTLS: 'starttls',
  AUTH: 'auth',
  RSET: 'mail',
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'data',
};

/** A connection that is not yet connected. It listens to the dialogue: nodemailer's errors do not tell where it stood. */
export function openConnection(relay: SmtpRelay, timeouts: Timeouts): Opening {
  const unanswered: Stage[] = ['greeting'];
  let last: Stage = 'connect';
  let ehlo = '';
  const overhear = ({ tnx }: { tnx?: string }, text: string) => {
    if (tnx === 'client') {
      // What is no command continues a login.
      unanswered.push(STAGES[/^[A-Z]+/.exec(text)?.[0] ?? ''] ?? 'auth');
    } else if (tnx === 'server') {
      last = unanswered.shift() ?? last;
      if (last === 'ehlo') ehlo = text;
    }
  };
  const silent = () => {};
  const connection = new SMTPConnection({
    host: relay.host,
    port: relay.port,
    secure: relay.secure,
    requireTLS: relay.requireTls,
    // TLS that need not be there need not be proven: a mail server on this machine shows a certificate of its own.
    tls: { rejectUnauthorized: relay.secure || relay.requireTls },
    connectionTimeout: timeouts.connect,
    greetingTimeout: timeouts.connect,
    socketTimeout: timeouts.socket,
    maxResponseSize: LONGEST_REPLY,
    // Commands and replies only; `debug` would hand over the messages and their links as well.
    transactionLog: true,
    logger: {
      trace: silent,
      debug: overhear,
      info: silent,
      warn: silent,
      error: silent,
      fatal: silent,
    } as never,
  });
  // An error event without a listener would end the process.
  connection.on('error', silent);
  return {
    connection,
    stage: () => (connection.stage === 'init' ? 'connect' : (unanswered[0] ?? last)),
    ehlo: () => ehlo,
  };
}

/**
 * The socket of a connection that is ready, for ourselves: nodemailer no longer listens to it. Its time-out stays set.
 * Null: the server has hung up, or has said something that nobody asked for.
 */
export async function takeSocket({ connection }: Opening): Promise<Socket | null> {
  // What came unasked with the last reply is worked off a turn later, and ends the connection.
  await new Promise(setImmediate);
  const inside = connection as unknown as Record<string, unknown>;
  const { _socket: socket, _remainder: begun } = inside;
  if (!(socket instanceof Socket)) throw new Error('nodemailer has no socket where it had one');
  for (const event of ['data', 'timeout', 'close', 'end', 'error'])
    for (const listener of socket.listeners(event))
      if (Object.values(inside).includes(listener)) socket.removeListener(event, listener as () => void);
  if (connection.destroyed || begun !== '') {
    socket.destroy();
    return null;
  }
  return socket;
}

/** One call of a connection as a promise; an error event, or the end of the connection, can come instead of its callback. */
export function answered<T>(
  { connection }: Opening,
  start: (done: (error: Error | null | undefined, info: T) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const quit = () => {
      connection.removeListener('error', fail);
      connection.removeListener('end', onEnd);
    };
    const fail = (error: Error) => {
      quit();
      reject(error);
    };
    // A turn later: after a 421 the connection ends before the callback tells of the reply.
    const onEnd = () =>
      setImmediate(fail, Object.assign(new Error('The connection was closed'), { code: 'ECONNECTION' }));
    connection.on('error', fail);
    connection.on('end', onEnd);
    start((error, info) => {
      quit();
      if (error) reject(error);
      else resolve(info);
    });
  });
}
