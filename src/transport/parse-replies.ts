import { isUtf8 } from 'node:buffer';

/** More than any honest reply, in octets: a server that never ends one is not waited for. */
export const LONGEST_REPLY = 64 * 1024;

/** Cuts what a server says into replies, however the network has cut it. */
export interface Replies {
  /** The replies that this chunk completes, each with its lines joined by LF. Throws when one grows too long. */
  push(chunk: Uint8Array): string[];
  /** What has come of a reply that is not yet complete; '' between two. */
  begun(): string;
}

/**
 * RFC 5321 §4.2.1: a reply ends with the first line that does not go on like `250-`. Lines may end with LF alone, empty
 * ones between replies do not count. Bytes that are not UTF-8 are taken for Latin-1.
 */
export function parseReplies(): Replies {
  // Octets as Latin-1 letters, so that a character cut in two comes together again.
  let line = '';
  let lines = '';
  const bounded = () => {
    if (lines.length + line.length > LONGEST_REPLY) throw new Error('The server never ends its reply');
  };
  return {
    push(chunk) {
      const replies: string[] = [];
      const [first, ...others] = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        .toString('latin1')
        .split('\n') as [string, ...string[]];
      line += first;
      for (const next of others) {
        bounded();
        const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
        line = next;
        if (/^\d{3}-/.test(whole)) lines += `${whole}\n`;
        else if (lines !== '' || whole.trim() !== '') {
          replies.push(decoded(lines + whole));
          lines = '';
        }
      }
      bounded();
      return replies;
    },
    begun: () => decoded(lines + line),
  };
}

function decoded(octets: string): string {
  const bytes = Buffer.from(octets, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : octets;
}
