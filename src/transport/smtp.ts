import type { Message, Outcome, Stage } from '../mail.ts';
import { TOKEN_LATER } from './fetch-token.ts';
import { handOver } from './hand-over.ts';
import { answered, type Lane, openLane } from './open-lane.ts';
import { openLogin } from './open-login.ts';
import { outcomeOf, plainText } from './outcome.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

/** Nothing left the machine: the gate said no. */
export type Withheld = { readonly kind: 'withheld' };

export interface SmtpTransport {
  readonly connections: number;
  /**
   * Sends one message. `gate` is called at most once, after the server's 354 and before any byte of content: false
   * withholds the message, what it throws is thrown on, both with nothing sent. Never throws for a server's faults.
   */
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

interface SmtpError extends Error {
  readonly code?: string;
  readonly originalCode?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/** Which command an error with a reply is about; pipelined replies come when the lane stands further on. */
const COMMANDS: Readonly<Record<string, Stage>> = { 'MAIL FROM': 'mail', 'RCPT TO': 'rcpt', DATA: 'data' };

/**
 * Opens a transport of up to `connections` lanes to one relay. Lanes are nodemailer's SMTP connections, without its
 * pool, which requeues by itself on a dropped socket. A lane is used again after a clean end of an exchange, also after
 * a refusal: a list with many dead addresses must not cost a connection each.
 */
export function openSmtp(relay: SmtpRelay, options: SmtpOptions): SmtpTransport {
  const idle: Lane[] = [];
  const all = new Set<Lane>();
  const timeouts = { connect: options.connectTimeout ?? 30_000, socket: options.socketTimeout ?? 600_000 };
  const { logIn, conceal } = openLogin(relay);

  const drop = (lane: Lane) => {
    all.delete(lane);
    lane.connection.close();
  };

  /** An idle lane that the server still holds, ready for a message; null: there is none. */
  const reuse = async (): Promise<Lane | null> => {
    for (let lane = idle.pop(); lane; lane = idle.pop()) {
      const { connection } = lane;
      const ready = lane.refused
        ? answered(lane, (done) => connection.reset(done)).then(
            () => true,
            () => false,
          )
        : Promise.resolve(true);
      lane.refused = false;
      if ((await ready) && !connection.destroyed) return lane;
      drop(lane);
    }
    return null;
  };

  const connect = async (): Promise<Lane | Outcome> => {
    const lane = openLane(relay, timeouts);
    const { connection } = lane;
    all.add(lane);
    try {
      await answered<void>(lane, (done) => connection.connect(done as never));
      await logIn(lane);
      return lane;
    } catch (error) {
      drop(lane);
      return judge(error as SmtpError, lane, { begun: false, ended: false });
    }
  };

  const exchange = async (
    lane: Lane,
    message: Message,
    gate: () => Promise<boolean>,
  ): Promise<Outcome | Withheld> => {
    const { connection } = lane;
    const { from, to } = message.envelope;
    if (!lane.takesUtf8() && !(isAscii(from) && isAscii(to))) {
      idle.push(lane);
      const error = 'The mail server does not take addresses with letters beyond ASCII (RFC 6531 SMTPUTF8)';
      return isAscii(from)
        ? unmailable(error)
        : outcomeOf({ stage: 'mail', reply: null, error, configuration: true, contentEnded: false });
    }
    const content = handOver(message, gate, () => connection.lastServerResponse);
    let error: SmtpError | null = null;
    let response = '';
    try {
      ({ response } = await answered<{ response: string }>(lane, (done) =>
        connection.send({ from, to: [to], size: message.size } as never, content.stream, done as never),
      ));
    } catch (thrown) {
      error = thrown as SmtpError;
    }
    // In one step with letting the lane go: no content can follow, so what was begun and ended stays as it is now.
    const { begun, ended } = { begun: content.begun(), ended: content.ended() };
    const refused = error !== null && Boolean(error.responseCode) && error.responseCode !== 421;
    const inStep = error === null ? ended : refused && (ended || !content.asked());
    if (inStep && !connection.destroyed) {
      lane.refused = refused;
      idle.push(lane);
    } else drop(lane);
    // Awaited also when the connection is lost: what the ledger does for the gate comes before the outcome.
    if ((await content.stop()) === false) return { kind: 'withheld' };
    if (error) return judge(error, lane, { begun, ended });
    const stage = ended ? 'final' : begun ? 'content' : 'data';
    return outcomeOf({ stage, reply: conceal(response), error: '', contentEnded: ended });
  };

  /** An error of nodemailer as what happened. */
  const judge = (
    error: SmtpError,
    lane: Lane,
    { begun, ended }: { begun: boolean; ended: boolean },
  ): Outcome => {
    const { code, command = '', responseCode, response } = error;
    const outOfStep = code === 'ESTREAM' && !begun;
    const spoken = outOfStep ? lane.connection.lastServerResponse : responseCode && response;
    const stage = ended ? 'final' : begun ? 'content' : (responseCode && COMMANDS[command]) || lane.stage();
    return outcomeOf({
      stage,
      reply: spoken ? conceal(spoken) : null,
      error: plainText(conceal(error.message)),
      configuration: !responseCode && isOurs(error),
      contentEnded: ended,
    });
  };

  return {
    connections: options.connections,
    async send(message, gate) {
      const { to } = message.envelope;
      // A line break would be a command of its own, a space or an angle bracket a parameter.
      if (!/^[^\p{C}\p{Z}<>]+$/u.test(to))
        return unmailable('The address holds a character that no address may hold');
      let asked = false;
      const once = () => {
        asked = true;
        return gate();
      };
      const kept = await reuse();
      if (kept) {
        const result = await exchange(kept, message, once);
        if (asked || !isGone(result)) return result;
        // Servers end idle connections, or after so many messages: that says nothing about this one.
      }
      const lane = await connect();
      return 'kind' in lane ? lane : exchange(lane, message, once);
    },
    async close() {
      for (const lane of idle.splice(0)) if (!lane.connection.destroyed) lane.connection.quit();
      for (const lane of all) lane.connection.close();
      all.clear();
    },
  };
}

/** This reader's address cannot be mailed through this server. */
function unmailable(text: string): Outcome {
  return { kind: 'rejected', stage: 'rcpt', reply: { code: 0, enhanced: null, text } };
}

function isAscii(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text);
}

/** The connection was lost, said to close, or out of step, before anything of the message mattered. */
function isGone(result: Outcome | Withheld): boolean {
  if (result.kind !== 'deferred' || result.cause === 'configuration') return false;
  return result.reply === null || result.reply.code === 421 || result.reply.code < 400;
}

/** No reply, and trying again will not help: no TLS or login, a sender or a size that nodemailer refuses itself. */
function isOurs({ code = '', originalCode = '', message, response }: SmtpError): boolean {
  if (/closed unexpectedly|timed out/i.test(message) || originalCode === TOKEN_LATER) return false;
  if (code === 'EMESSAGE' || code === 'EENVELOPE') return !response;
  return (
    code === 'ETLS' ||
    code === 'EAUTH' ||
    /^(?:EPROTO$|ERR_SSL|ERR_TLS)/.test(originalCode) ||
    /certificate|self-signed|altnames/i.test(message)
  );
}
