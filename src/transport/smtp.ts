import type { Message, Outcome } from '../mail.ts';
import { openEnvelopeAhead } from './envelope-ahead.ts';
import { type Exchanged, exchange, type Job, type Lane } from './exchange.ts';
import { openLane } from './open-lane.ts';
import { openLogin } from './open-login.ts';
import { outcomeOf, plainText } from './outcome.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

/** Nothing left the machine: the gate said no. */
export type Withheld = { readonly kind: 'withheld' };

export interface SmtpTransport {
  readonly connections: number;
  /** A server with PIPELINING was met: it is of use to send more messages at once than there are connections. */
  readonly pipelining: boolean;
  /**
   * Sends one message, at once or when a connection is free. `gate` is called at most once, after the server's 354 and
   * before any byte of content: false withholds the message, what it throws is thrown on, both with nothing sent. Never
   * throws for a server's faults.
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

/** A message that waits for a connection, or has one. */
interface Waiting extends Job {
  done(outcome: Outcome): void;
  /** The gate said no, or threw. */
  withheld(): void;
}

/**
 * Opens a transport of up to `connections` lanes to one relay. nodemailer connects, secures and logs in; the exchange of
 * messages is our own (`exchange.ts`). A lane is used again after a clean end, also after a refusal: a list with many
 * dead addresses must not cost a connection each. Who sends more at once than there are lanes waits, and the envelope of
 * one that waits goes along with the content of the one before it.
 */
export function openSmtp(relay: SmtpRelay, options: SmtpOptions): SmtpTransport {
  const queue: Waiting[] = [];
  const idle: Lane[] = [];
  const all = new Set<Lane>();
  let busy = 0;
  let closed = false;
  let pipelining = false;
  const timeouts = { connect: options.connectTimeout ?? 30_000, socket: options.socketTimeout ?? 600_000 };
  const login = openLogin(relay);
  const { conceal } = login;
  const ahead = openEnvelopeAhead();

  const drop = (lane: Lane): null => {
    all.delete(lane);
    lane.dialogue.drop();
    return null;
  };

  const connect = async (): Promise<Lane | Outcome> => {
    const opened = await openLane(relay, login, timeouts);
    if ('kind' in opened) return opened;
    all.add(opened);
    pipelining ||= opened.pipelining;
    if (closed) drop(opened);
    return opened;
  };

  /** Gives the message whose envelope may go along with the final dot of the one before it. */
  const follower = (lane: Lane, said: boolean) => (): Waiting | null => {
    if (said) ahead.begun(true);
    const fit = queue[0] && !unfitFor(lane, queue[0].message);
    return fit && ahead.may() ? queue.shift()! : null;
  };

  /** Works off what waits, on this lane or a new one, until nothing does. */
  const work = async (from: Lane | null): Promise<void> => {
    let lane = from;
    let job = queue.shift();
    // The envelope of the job has gone along with the message before it.
    let said = false;
    while (job) {
      // What came of an idle connection meanwhile says nothing about this message.
      if (lane && !said && (lane.dialogue.lost() || lane.dialogue.spoken() !== null)) lane = drop(lane);
      const kept = lane !== null;
      const found: Lane | Outcome = lane ?? (await connect());
      lane = 'kind' in found ? null : found;
      const unfit = 'kind' in found ? found : unfitFor(found, job.message);
      if (lane === null || unfit) {
        job.done(unfit!);
        // Who waits for a connection would knock in vain too, with a wrong password perhaps.
        if (lane === null && all.size === 0) for (const one of queue.splice(0)) one.done(unfit!);
        job = queue.shift();
        continue;
      }
      const exchanged: Exchanged<Waiting> = await exchange(lane, job, said, follower(lane, said));
      const { happening, inStep, next } = exchanged;
      if (said && !job.asked) ahead.begun(inStep);
      if (!inStep) lane = drop(lane);
      said = next !== null && lane !== null;
      if (happening === null) job.withheld();
      else {
        const told = {
          ...happening,
          reply: happening.reply && conceal(happening.reply),
          error: plainText(conceal(happening.error)),
        };
        const outcome = outcomeOf(next ? ahead.ended(told) : told);
        // Servers end connections after so many messages: that says nothing about this one either.
        if (kept && !lane && !job.asked && isGone(outcome)) continue;
        job.done(outcome);
      }
      job = next ?? queue.shift();
    }
    busy -= 1;
    if (lane) idle.push(lane);
  };

  const enqueue = (message: Message, gate: () => Promise<boolean>): Promise<Outcome | Withheld> =>
    new Promise((done, reject) => {
      let failed: (() => void) | null = null;
      const job: Waiting = {
        message,
        asked: false,
        gate: () =>
          gate().catch((error) => {
            failed = () => reject(error);
            return false;
          }),
        withheld: () => (failed ?? (() => done({ kind: 'withheld' })))(),
        done,
      };
      queue.push(job);
      if (idle.length === 0 && busy >= options.connections) return;
      busy += 1;
      void work(idle.pop() ?? null);
    });

  return {
    connections: options.connections,
    get pipelining() {
      return pipelining;
    },
    async send(message, gate) {
      const { from, to } = message.envelope;
      if (!isPath(to)) return unmailable('The address holds a character that no address may hold');
      if (from !== '' && !isPath(from)) return ours('The sender holds a character that no address may hold');
      return enqueue(message, gate);
    },
    async close() {
      closed = true;
      for (const lane of idle.splice(0)) {
        all.delete(lane);
        lane.dialogue.quit();
      }
      for (const lane of all) drop(lane);
    },
  };
}

/** Why a message cannot go to this server at all; null: it can. */
function unfitFor({ takesUtf8, largest }: Lane, { envelope, size }: Message): Outcome | null {
  const { from, to } = envelope;
  const plain = 'The mail server does not take addresses with letters beyond ASCII (RFC 6531 SMTPUTF8)';
  if (!takesUtf8 && !isAscii(from)) return ours(plain);
  if (!takesUtf8 && !isAscii(to)) return unmailable(plain);
  if (size > (largest ?? Infinity))
    return ours(`The message has ${size} octets, more than the ${largest} that the mail server takes`);
  return null;
}

/** This reader's address cannot be mailed through this server. */
function unmailable(text: string): Outcome {
  return { kind: 'rejected', stage: 'rcpt', reply: { code: 0, enhanced: null, text } };
}

/** Every reader's message would meet the same. */
function ours(error: string): Outcome {
  return outcomeOf({ stage: 'mail', reply: null, error, configuration: true, contentEnded: false });
}

/** A line break would be a command of its own, a space or an angle bracket a parameter. */
function isPath(address: string): boolean {
  return /^[^\p{C}\p{Z}<>]+$/u.test(address);
}

function isAscii(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text);
}

/** The connection was lost, said to close, or out of step, before anything of the message mattered. */
function isGone(outcome: Outcome): boolean {
  if (outcome.kind !== 'deferred' || outcome.cause === 'configuration') return false;
  return outcome.reply === null || outcome.reply.code === 421 || outcome.reply.code < 400;
}
