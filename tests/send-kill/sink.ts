import { createHash } from 'node:crypto';
import { constants, openSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/**
 * A mail server in a process of its own, which no kill reaches: the oracle of what has really arrived. Before it answers
 * a final dot, recipient, Message-ID and a hash of all content stand on the disk. On the way it says how far an exchange
 * has got, and at the point that it was told it strikes: a signal to the sender's process group, from inside the exchange.
 *
 * `node sink.ts FILE PORT`; port 0 is any that is free.
 */

/** Where an exchange stands: before the answer to a command is given, or right after the answer to the final dot. */
export type Moment = 'connect' | 'rcpt' | 'data' | 'content' | 'dot' | 'reply';

export interface Strike {
  /** Process group; null: itself. */
  readonly group: number | null;
  readonly signal: NodeJS.Signals;
  /** At the nth time that an exchange gets there, from 1 on. */
  readonly moment: Moment;
  readonly nth: number;
  /** ms later; 0: at once, and what is being answered is never said. */
  readonly delay: number;
  /** Whatever has come to pass by then, ms from now. */
  readonly latest?: number;
  /** Who is connected then hears nothing more until it is told to go on. */
  readonly mute?: true;
}

/** How things stood when it struck. */
export interface Struck {
  /** Connections. */
  readonly open: number;
  /** Messages of which content had come, unanswered: their rows are `sending`, or the sender has begun too early. */
  readonly inContent: number;
}

export type ToSink =
  | { readonly strike: Strike }
  /** It waits up to so many ms before it answers a final dot. */
  | { readonly hold: number }
  /** Who was struck mute hears what there is to say. */
  | { readonly goOn: true }
  /** RFC 2920: whether it offers to new connections that commands need not wait for replies. */
  | { readonly pipelining: boolean };
export type FromSink = { readonly port: number } | { readonly struck: Struck };

const [file = '', port = '0'] = process.argv.slice(2);
const record = openSync(
  file,
  constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_SYNC,
  0o600,
);

const sockets = new Set<Socket>();
let inContent = 0;
let hold = 0;
let pipelining = true;
const muted = new Set<Socket>();
const unsaid: (() => void)[] = [];
let armed: { strike: Strike; left: number; timer: NodeJS.Timeout | undefined } | null = null;

process.on('message', (message: ToSink) => {
  if ('hold' in message) hold = message.hold;
  else if ('goOn' in message) {
    muted.clear();
    for (const say of unsaid.splice(0)) say();
  } else if ('pipelining' in message) pipelining = message.pipelining;
  else {
    clearTimeout(armed?.timer);
    const { strike } = message;
    const timer = strike.latest === undefined ? undefined : setTimeout(() => hit(strike), strike.latest);
    armed = { strike, left: strike.nth, timer };
  }
});
process.on('disconnect', () => process.exit());

/** Strikes if this is the time. */
function at(moment: Moment): void {
  if (armed?.strike.moment !== moment) return;
  armed.left -= 1;
  const { strike } = armed;
  if (armed.left !== 0) return;
  if (strike.delay === 0) hit(strike);
  else setTimeout(() => hit(strike), strike.delay);
}

function hit(strike: Strike): void {
  if (armed?.strike !== strike) return;
  clearTimeout(armed.timer);
  armed = null;
  if (strike.mute) for (const socket of sockets) muted.add(socket);
  const struck = { open: sockets.size, inContent };
  try {
    process.kill(strike.group === null ? process.pid : -strike.group, strike.signal);
  } catch (error) {
    // It had ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  process.send!({ struck } satisfies FromSink);
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  sockets.add(socket);
  at('connect');
  socket.write('220 sink\r\n');
  let to = '';
  let input = '';
  /** Between a 354 and the answer. */
  let content = false;
  let begun = false;
  let answering = false;
  const forget = () => {
    if (begun) inContent -= 1;
    [content, begun] = [false, false];
  };
  const answer = (line: string) => {
    if (muted.has(socket)) unsaid.push(() => answer(line));
    else socket.write(`${line}\r\n`);
  };
  socket.on('error', () => {});
  socket.on('close', () => {
    sockets.delete(socket);
    forget();
  });
  const command = (line: string) => {
    if (/^RCPT/i.test(line)) {
      to = /<(.*)>/.exec(line)![1]!;
      at('rcpt');
    }
    if (/^DATA/i.test(line)) {
      at('data');
      content = true;
      answer('354 go on');
    } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
    else if (/^EHLO/i.test(line))
      socket.write(`250-sink\r\n${pipelining ? '250-PIPELINING\r\n' : ''}250 8BITMIME\r\n`);
    else socket.write('250 ok\r\n');
  };
  const take = (message: string) => {
    const messageId = /^Message-ID: *(\S+)/im.exec(message)?.[1] ?? '';
    const hash = createHash('sha256').update(message, 'latin1').digest('hex');
    writeSync(record, `${to} ${messageId} ${hash}\n`);
    at('dot');
    // What has come along with the dot waits for its turn.
    answering = true;
    setTimeout(() => {
      if (socket.destroyed) return;
      forget();
      answering = false;
      answer('250 taken');
      at('reply');
      read();
    }, Math.random() * hold);
  };
  const read = () => {
    while (!answering && input !== '') {
      if (content && !begun) {
        begun = true;
        inContent += 1;
        at('content');
      }
      const end = input.indexOf(content ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const text = input.slice(0, end);
      input = input.slice(end + (content ? 5 : 2));
      if (content) {
        content = false;
        take(text);
      } else command(text);
    }
  };
  socket.on('data', (chunk) => {
    input += chunk.toString('latin1');
    read();
  });
});
server.listen(Number(port), '127.0.0.1', () =>
  process.send!({ port: (server.address() as AddressInfo).port } satisfies FromSink),
);
