import type { Socket } from 'node:net';
import { parseReplies } from './parse-replies.ts';

/** A conversation with a server that is connected, secured and logged in. */
export interface Dialogue {
  /** Writes the pieces as one; resolves when the system has taken them, or never will. */
  say(pieces: readonly (Uint8Array | string)[]): Promise<void>;
  /** The next reply; rejects when the connection is lost before it came. */
  hear(): Promise<string>;
  /** What the server has said, in whole or part, that nobody has listened to; null: nothing. */
  spoken(): string | null;
  lost(): boolean;
  /** Leaves as RFC 5321 §4.1.1.10 wants it, without waiting for the answer. */
  quit(): void;
  drop(): void;
}

/** A server that does not hang up after QUIT is not waited for longer, ms. */
const FAREWELL = 5000;
/** For a socket without a time-out: RFC 5321 §4.5.3.2.6, ms. */
const FOREVER = 600_000;

/**
 * Speaks over a socket that nobody else listens to. The socket's own time-out is how long the server may be silent, and
 * how long he may take for one reply: who sends an octet a minute is never silent and never done.
 */
export function openDialogue(socket: Socket): Dialogue {
  const parser = parseReplies();
  const unheard: string[] = [];
  let listener: { heard(reply: string): void; lost(error: Error): void } | null = null;
  let lost: Error | null = null;
  let begunReply: NodeJS.Timeout | null = null;

  const lose = (error: Error) => {
    if (lost) return;
    lost = error;
    clearTimeout(begunReply ?? undefined);
    socket.destroy();
    // Some say why they hang up without ending the line.
    const begun = parser.begun();
    if (/^[45]\d\d[ -]/.test(begun)) unheard.push(begun);
    attend();
  };
  const tooSlow = () => lose(new Error('The server does not end its reply'));
  const attend = () => {
    if (listener === null) return;
    const waiting = listener;
    const reply = unheard.shift();
    if (reply === undefined && lost === null) return;
    listener = null;
    if (reply === undefined) waiting.lost(lost!);
    else waiting.heard(reply);
  };
  socket.on('data', (chunk: Buffer) => {
    try {
      const replies = parser.push(chunk);
      unheard.push(...replies);
      if (replies.length > 0) {
        clearTimeout(begunReply ?? undefined);
        begunReply = null;
      }
      if (parser.begun() !== '') begunReply ??= setTimeout(tooSlow, socket.timeout || FOREVER);
    } catch (error) {
      lose(error as Error);
    }
    attend();
  });
  socket.on('error', lose);
  socket.on('timeout', () => lose(new Error('The server was silent for too long')));
  for (const event of ['end', 'close'])
    socket.on(event, () => lose(new Error('The connection was closed unexpectedly')));

  return {
    say: (pieces) =>
      new Promise((resolve) => {
        socket.cork();
        for (const [at, piece] of pieces.entries())
          socket.write(piece, at === pieces.length - 1 ? () => resolve() : undefined);
        socket.uncork();
      }),
    hear: () =>
      new Promise((heard, reject) => {
        listener = { heard, lost: reject };
        attend();
      }),
    spoken: () => unheard[0] ?? (parser.begun() || null),
    lost: () => lost !== null,
    quit() {
      socket.setTimeout(FAREWELL, () => socket.destroy());
      socket.end('QUIT\r\n');
    },
    drop: () => lose(new Error('The connection was dropped')),
  };
}
