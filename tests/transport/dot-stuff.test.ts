import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dotStuff } from '../../src/transport/dot-stuff.ts';

/**
 * A server's side of RFC 5321 §4.5.2, written anew and octet by octet: what is the content, and what comes after its
 * end? `loose`: one that also takes a bare CR or LF for a line end, as servers did that were tricked.
 */
function receive(wire: Buffer, loose: boolean): { content: string; rest: string } {
  const text = wire.toString('latin1');
  const lines: string[] = [];
  let line = '';
  for (let at = 0; at < text.length; at += 1) {
    const crlf = text.startsWith('\r\n', at);
    const bare = loose && (text[at] === '\r' || text[at] === '\n');
    if (!crlf && !bare) {
      line += text[at];
      continue;
    }
    if (crlf) at += 1;
    if (line === '.') return { content: lines.map((one) => `${one}\r\n`).join(''), rest: text.slice(at + 1) };
    lines.push(line.startsWith('.') ? line.slice(1) : line);
    line = '';
  }
  throw new Error(`No end in ${JSON.stringify(text)}`);
}

/** What RFC 5321 §2.3.8 makes of a text: every line ends with CRLF, the last one too. */
function canonical(text: string): string {
  const lines = text.replace(/\r\n|\r|\n/g, '\r\n');
  return lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
}

const wireOf = (pieces: readonly string[]) => Buffer.concat(dotStuff(pieces.map((one) => Buffer.from(one))));
/** Mostly what is dangerous: dots and line ends, whole, halved and reversed. */
const piece = fc
  .array(
    fc.constantFrom(
      '.',
      '..',
      '\r',
      '\n',
      '\r\n',
      '\n.\n',
      '\r.\r',
      '\r\n.\r\n',
      'a',
      'MAIL FROM:<eve@example.com>',
    ),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));

test('what arrives is what was sent, however it is cut into pieces, and nothing comes after it', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      for (const loose of [false, true])
        expect(receive(wireOf(pieces), loose)).toEqual({ content: canonical(pieces.join('')), rest: '' });
    }),
    { numRuns: 2000 },
  );
});

test('no CR or LF goes out alone', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      expect(wireOf(pieces).toString('latin1').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    }),
    { numRuns: 1000 },
  );
});

test('a constant piece is the same after any other, though it is worked through once', () => {
  const long = Buffer.from(`.a\r\n${'.b\r\n'.repeat(1000)}c`);
  for (const before of ['', 'x', 'x\r\n', 'x\r', '\n', 'x', '']) {
    const wire = Buffer.concat(dotStuff([Buffer.from(before), long, Buffer.from('.d')]));
    expect(receive(wire, true).content).toBe(canonical(`${before}${long}.d`));
  }
});

test('nothing is copied where nothing has to be added', () => {
  const pieces = [Buffer.from('Subject: x\r\n\r\n'), Buffer.from('a\r\n'.repeat(2000))];
  const [first, second] = dotStuff(pieces);
  expect([first, second]).toEqual(pieces);
  expect(first === pieces[0] && second === pieces[1], 'the same buffers').toBe(true);
});
