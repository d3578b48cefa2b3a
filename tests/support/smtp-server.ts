import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { testCertificate } from './test-certificate.ts';

/**
 * What the server says: reply lines as they go on the wire (the last line end is added), `drop`: the connection is
 * reset instead, `silence`: nothing ever comes, `drip`: an octet now and then, of a reply that never ends.
 */
export type Say = string;

/** A fixed answer, or one for each case: what the client sent (an address, a command, the content) and the session. */
export type Answer = Say | ((said: string, session: number) => Say | Promise<Say>);

export interface Script {
  readonly greeting?: Answer;
  /** Lines after the first of the EHLO reply. */
  readonly extensions?: readonly string[];
  readonly ehlo?: Answer;
  readonly starttls?: Answer;
  readonly auth?: Answer;
  readonly mail?: Answer;
  readonly rcpt?: Answer;
  readonly data?: Answer;
  /** After so many octets of content the connection is reset. */
  readonly dropInContent?: number;
  readonly final?: Answer;
  readonly rset?: Answer;
  /** TLS from the first byte on, as `smtps:` wants it. */
  readonly secure?: boolean;
  /** Each octet of a reply travels alone. */
  readonly dribbles?: boolean;
}

/** A message whose final dot arrived, with what the server answered to it. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was before dot-stuffing. */
  readonly content: string;
  readonly reply: string;
  readonly session: number;
}

export interface ScriptedServer {
  readonly port: number;
  readonly url: string;
  /** Everything that ended with a dot, recorded before the answer is written. */
  readonly received: Received[];
  /** Every command line of every session. */
  readonly commands: string[];
  /** Octets of content that arrived, ended or not. */
  readonly contentOctets: number;
  readonly sessions: number;
  /** Connections open now, and the most there ever were at once. */
  readonly open: number;
  readonly mostOpen: number;
  /** Addresses of the messages that were answered with 2yz, in order. */
  accepted(): string[];
  /** Plays another script from now on. */
  play(script: Script): void;
  close(): Promise<void>;
}

/** Starts an SMTP server on 127.0.0.1 that answers as its script says, and takes everything where the script is silent. */
export async function startSmtpServer(first: Script = {}, port = 0): Promise<ScriptedServer> {
  let script = first;
  const sockets = new Set<Socket>();
  const state = { contentOctets: 0, sessions: 0, mostOpen: 0 };
  const received: Received[] = [];
  const commands: string[] = [];

  const server = createServer((plain) => {
    // Nagle's algorithm would cost 30 ms a message.
    plain.setNoDelay(true);
    sockets.add(plain);
    state.mostOpen = Math.max(state.mostOpen, sockets.size);
    plain.on('close', () => sockets.delete(plain));
    plain.on('error', () => {});
    state.sessions += 1;
    void talk(plain, state.sessions).catch(() => plain.destroy());
  });

  async function talk(plain: Socket, session: number): Promise<void> {
    let socket: Socket = script.secure ? await secured(plain) : plain;
    let input = readFrom(socket);
    /** Says it and tells whether the dialogue goes on. */
    const say = async (answer: Answer | undefined, otherwise: Say, said: string): Promise<Say | null> => {
      const reply = typeof answer === 'function' ? await answer(said, session) : (answer ?? otherwise);
      return write(reply) ? reply : null;
    };
    const write = (reply: Say): boolean => {
      if (reply === 'drop') {
        plain.resetAndDestroy();
        return false;
      }
      if (reply === 'silence') return true;
      if (reply === 'drip') {
        const drops = setInterval(() => socket.write('2'), 10);
        plain.once('close', () => clearInterval(drops));
        return true;
      }
      const line = reply.endsWith('\r\n') ? reply : `${reply}\r\n`;
      for (const part of script.dribbles ? Buffer.from(line) : [line])
        socket.write(typeof part === 'number' ? Buffer.of(part) : part);
      return true;
    };
    let from: string | null = null;
    let to: string[] = [];
    if ((await say(script.greeting, '220 test.example.com ESMTP', '')) === null) return;
    for (;;) {
      const line = await input.line();
      if (line === null) return;
      commands.push(line);
      const address = /<(.*?)>/.exec(line)?.[1] ?? '';
      let reply: Say | null;
      if (/^EHLO/i.test(line)) {
        const lines = ['test.example.com', ...(script.extensions ?? ['PIPELINING', 'SIZE', '8BITMIME'])];
        const usual = lines
          .map((text, at) => `250${at === lines.length - 1 ? ' ' : '-'}${text}`)
          .join('\r\n');
        reply = await say(script.ehlo, usual, line);
      } else if (/^STARTTLS/i.test(line)) {
        reply = await say(script.starttls, '220 go ahead', line);
        if (reply?.startsWith('220')) {
          input.stop();
          socket = await secured(plain);
          input = readFrom(socket);
        }
      } else if (/^AUTH/i.test(line)) reply = await say(script.auth, '235 welcome', line);
      else if (/^MAIL FROM:/i.test(line)) {
        reply =
          from === null ? await say(script.mail, '250 ok', address) : await say('503 nested MAIL', '', '');
        if (reply?.startsWith('2')) [from, to] = [address, []];
      } else if (/^RCPT TO:/i.test(line)) {
        reply =
          from === null ? await say('503 MAIL first', '', '') : await say(script.rcpt, '250 ok', address);
        if (reply?.startsWith('2')) to.push(address);
      } else if (/^DATA/i.test(line)) {
        // What RFC 5321 §3.3 wants: without a recipient there is nothing to take content for.
        if (to.length === 0) reply = await say('503 no recipients', '', '');
        else {
          reply = await say(script.data, '354 go ahead', to[0]!);
          if (reply?.startsWith('354')) {
            const content = await input.content(script.dropInContent ?? Infinity);
            if (content === null) {
              plain.resetAndDestroy();
              return;
            }
            const { final } = script;
            const said = typeof final === 'function' ? await final(to[0]!, session) : (final ?? '250 taken');
            received.push({ from: from!, to, content, reply: said, session });
            [from, to] = [null, []];
            reply = write(said) ? said : null;
          }
        }
      } else if (/^RSET/i.test(line)) {
        reply = await say(script.rset, '250 ok', line);
        [from, to] = [null, []];
      } else if (/^QUIT/i.test(line)) {
        socket.end('221 bye\r\n');
        return;
      } else reply = await say(/^HELO/i.test(line) ? '250 test.example.com' : '502 what?', '', line);
      if (reply === null) return;
    }
  }

  /** Lines and contents out of what arrives; null: the other side has gone. */
  function readFrom(socket: Socket) {
    let buffer = '';
    let ended = false;
    let wake = () => {};
    const onData = (chunk: Buffer) => {
      buffer += chunk.toString('latin1');
      wake();
    };
    const onClose = () => {
      ended = true;
      wake();
    };
    socket.on('data', onData).on('close', onClose).on('end', onClose);
    const more = () => new Promise<void>((resolve) => (ended ? resolve() : (wake = resolve)));
    return {
      stop: () => socket.removeListener('data', onData).removeListener('close', onClose),
      async line(): Promise<string | null> {
        while (!buffer.includes('\r\n')) {
          if (ended) return null;
          await more();
        }
        const at = buffer.indexOf('\r\n');
        const line = Buffer.from(buffer.slice(0, at), 'latin1').toString('utf8');
        buffer = buffer.slice(at + 2);
        return line;
      },
      async content(most: number): Promise<string | null> {
        let counted = 0;
        // The dot alone on a line, which may be the first line.
        const dot = () => {
          const at = buffer.indexOf('\r\n.\r\n');
          return buffer.startsWith('.\r\n') ? 0 : at < 0 ? -1 : at + 2;
        };
        for (;;) {
          const end = dot();
          const seen = end < 0 ? buffer.length : end;
          state.contentOctets += seen - counted;
          counted = seen;
          if (counted >= most) return null;
          if (end >= 0) {
            const content = buffer.slice(0, end).replace(/^\.\./gm, '.');
            buffer = buffer.slice(end + 3);
            return Buffer.from(content, 'latin1').toString('utf8');
          }
          if (ended) return null;
          await more();
        }
      },
    };
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    url: `smtp${first.secure ? 's' : ''}://127.0.0.1:${bound}`,
    received,
    commands,
    get contentOctets() {
      return state.contentOctets;
    },
    get sessions() {
      return state.sessions;
    },
    get open() {
      return sockets.size;
    },
    get mostOpen() {
      return state.mostOpen;
    },
    accepted: () => received.filter(({ reply }) => reply.startsWith('2')).flatMap(({ to }) => to),
    play(next) {
      script = next;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function secured(plain: Socket): Promise<TLSSocket> {
  const socket = new TLSSocket(plain, {
    isServer: true,
    secureContext: createSecureContext(testCertificate),
  });
  socket.on('error', () => plain.destroy());
  return new Promise((resolve, reject) => {
    socket.once('secure', () => resolve(socket));
    plain.once('close', () => reject(new Error('gone')));
  });
}
