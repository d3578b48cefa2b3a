import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Message, Outcome, Stage } from '../mail.ts';
import { outcomeOf } from './outcome.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

/** Nothing left the machine: the gate said no. */
export type Withheld = { readonly kind: 'withheld' };

export interface SmtpTransport {
  readonly connections: number;
  send(message: Message, gate: () => Promise<boolean>): Promise<Outcome | Withheld>;
  close(): Promise<void>;
}

export interface SmtpOptions {
  readonly connections: number;
  /** Milliseconds to connect and for the greeting. */
  readonly connectTimeout?: number;
  /** Milliseconds without a word from the server; RFC 5321 §4.5.3.2.6 wants 10 minutes for the final reply. */
  readonly socketTimeout?: number;
}

type Lane = InstanceType<typeof SMTPConnection>;
interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/**
 * Opens a transport of up to `connections` lanes to one relay. Lanes are nodemailer's SMTP connections, without its
 * pool, which requeues by itself on a dropped socket. A lane is used again only after a clean end of an exchange.
 */
export function openSmtp(relay: SmtpRelay, options: SmtpOptions): SmtpTransport {
  const idle: Lane[] = [];
  const all = new Set<Lane>();

  const drop = (lane: Lane) => {
    all.delete(lane);
    const at = idle.indexOf(lane);
    if (at >= 0) idle.splice(at, 1);
    lane.close();
  };

  const connect = async (): Promise<Lane | Outcome> => {
    const lane = new SMTPConnection({
      host: relay.host,
      port: relay.port,
      secure: relay.secure,
      requireTLS: relay.requireTls,
      connectionTimeout: options.connectTimeout ?? 30_000,
      greetingTimeout: options.connectTimeout ?? 30_000,
      socketTimeout: options.socketTimeout ?? 600_000,
    });
    all.add(lane);
    try {
      await settled(lane, (done) => lane.connect(done as never));
      if (relay.user !== null) {
        const credentials = { user: relay.user, pass: relay.password ?? '' };
        await settled(lane, (done) =>
          lane.login({ credentials, user: relay.user!, pass: relay.password ?? '' } as never, done),
        );
      }
      return lane;
    } catch (error) {
      drop(lane);
      return judge(error as SmtpError, false, false);
    }
  };

  return {
    connections: options.connections,
    async send(message, gate) {
      const lane = idle.pop() ?? (await connect());
      if (!('close' in lane)) return lane;
      const state = { started: false, ended: false, withheld: false, broken: null as unknown };
      const stream = Readable.from(content(message, gate, state), { objectMode: false });
      try {
        const envelope = { from: message.envelope.from, to: [message.envelope.to], size: message.size };
        const info = await settled<{ response: string }>(lane, (done) =>
          lane.send(envelope as never, stream as never, done as never),
        );
        idle.push(lane);
        return outcomeOf({ stage: 'final', reply: info.response, error: '', contentEnded: state.ended });
      } catch (error) {
        stream.destroy();
        drop(lane);
        if (state.broken) throw state.broken;
        if (state.withheld) return { kind: 'withheld' };
        return judge(error as SmtpError, state.started, state.ended);
      }
    },
    async close() {
      for (const lane of idle.splice(0)) lane.quit();
      for (const lane of all) lane.close();
      all.clear();
    },
  };
}

/** The content, but nothing of it before `sending` is durable: the first read comes after the server's 354. */
async function* content(
  message: Message,
  gate: () => Promise<boolean>,
  state: { started: boolean; ended: boolean; withheld: boolean; broken: unknown },
): AsyncGenerator<Uint8Array> {
  try {
    if (!(await gate())) state.withheld = true;
  } catch (error) {
    state.broken = error;
  }
  if (state.withheld || state.broken) throw new Error('The message is withheld');
  state.started = true;
  yield* message.content;
  state.ended = true;
}

/** One callback of nodemailer as a promise; an error event, which can come instead, counts too. */
function settled<T>(lane: Lane, start: (done: (error: Error | null, info: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      lane.removeListener('error', onError);
      lane.removeListener('end', onEnd);
      // An error event without a listener would end the process.
      if (lane.listenerCount('error') === 0) lane.on('error', () => {});
    };
    const onError = (error: Error) => {
      end();
      reject(error);
    };
    const onEnd = () =>
      onError(Object.assign(new Error('The connection was closed'), { code: 'ECONNECTION' }));
    lane.on('error', onError);
    lane.on('end', onEnd);
    start((error, info) => {
      end();
      if (error) reject(error);
      else resolve(info);
    });
  });
}

const STAGES: Record<string, Stage> = {
  CONN: 'connect',
  EHLO: 'ehlo',
  HELO: 'ehlo',
  STARTTLS: 'starttls',
  'MAIL FROM': 'mail',
  'RCPT TO': 'rcpt',
  DATA: 'data',
};

function judge(error: SmtpError, started: boolean, ended: boolean): Outcome {
  const command = error.command ?? 'CONN';
  const stage = ended
    ? 'final'
    : started
      ? 'content'
      : (STAGES[command] ?? (/^AUTH/.test(command) ? 'auth' : 'connect'));
  const configuration =
    error.code === 'ETLS' ||
    (error.code === 'EAUTH' && !error.responseCode) ||
    /certificate|self-signed|altnames/i.test(error.message);
  const reply = error.responseCode && error.response ? error.response : null;
  return outcomeOf({
    stage: error.code === 'EAUTH' ? 'auth' : error.code === 'ETLS' ? 'starttls' : stage,
    reply,
    error: plain(error),
    configuration,
    contentEnded: ended,
  });
}

function plain(error: SmtpError): string {
  return `${error.code ?? ''} ${error.message}`
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 300);
}
