import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Stage } from '../mail.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

/** One connection to a relay: nodemailer's, and what its dialogue tells. */
export interface Lane {
  readonly connection: SMTPConnection;
  /** The server's reply to this stage is awaited, or came last. */
  stage(): Stage;
  /** RFC 6531: the server takes addresses that are not ASCII. */
  takesUtf8(): boolean;
  /** The last exchange ended in a refusal: the next one begins with RSET. */
  refused: boolean;
}

export interface Timeouts {
  /** Milliseconds to connect and for the greeting. */
  readonly connect: number;
  /** Milliseconds without a word from the server; RFC 5321 §4.5.3.2.6 wants 10 minutes for the final reply. */
  readonly socket: number;
}

/** More than any honest reply: a server that never ends one is not waited for. */
const LONGEST_REPLY = 64 * 1024;

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
export function openLane(relay: SmtpRelay, timeouts: Timeouts): Lane {
  const unanswered: Stage[] = ['greeting'];
  let last: Stage = 'connect';
  let takesUtf8 = false;
  const overhear = ({ tnx }: { tnx?: string }, text: string) => {
    if (tnx === 'client') {
      // What is no command continues a login.
      unanswered.push(STAGES[/^[A-Z]+/.exec(text)?.[0] ?? ''] ?? 'auth');
    } else if (tnx === 'server') {
      last = unanswered.shift() ?? last;
      if (last === 'ehlo') takesUtf8 = /^250[ -]SMTPUTF8\b/im.test(text);
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
    takesUtf8: () => takesUtf8,
    refused: false,
  };
}

/** One call of a lane as a promise; an error event, or the end of the connection, can come instead of its callback. */
export function answered<T>(
  { connection }: Lane,
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
