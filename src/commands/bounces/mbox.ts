import { LARGEST } from '../../bounce/read-incoming.ts';
import type { RawMessage } from '../../bounce/take-in.ts';

/**
 * Messages of an mbox, or the one message that a pipe gives. A message begins at a line `From ` at the start or after
 * an empty line (RFC 4155); `>From ` lines are given back (mboxrd). The file is never changed: the ledger remembers
 * what was handled. Of one that is larger than any report only as much is kept as shows that.
 */
export async function* readMbox(
  chunks: AsyncIterable<Uint8Array>,
  envelope: readonly string[],
): AsyncGenerator<RawMessage> {
  let lines: string[] = [];
  let size = 0;
  let begun = false;
  let blank = true;
  for await (const line of linesOf(chunks)) {
    if (blank && line.startsWith('From ')) {
      if (begun) yield message(lines, envelope);
      [lines, size, begun] = [[], 0, true];
      blank = false;
      continue;
    }
    begun ||= line.trim() !== '';
    blank = /^\r?\n?$/.test(line);
    size += line.length;
    if (begun && size - line.length <= LARGEST) lines.push(line.replace(/^>(>*From )/, '$1'));
  }
  if (begun) yield message(lines, envelope);
}

function message(lines: readonly string[], envelope: readonly string[]): RawMessage {
  return { bytes: Buffer.from(lines.join(''), 'latin1'), envelope, handled: async () => {} };
}

/** Lines with their ends, one character an octet; one without an end is given out in pieces. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split(/(?<=\n)/);
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.endsWith('\n') || rest.length > 1_000_000) {
      yield rest;
      rest = '';
    }
  }
  if (rest !== '') yield rest;
}
