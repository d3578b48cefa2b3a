import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_REPLY, parseReplies } from '../../src/transport/parse-replies.ts';

/** A reply as a server writes it: 1 to 4 lines, any octets but line ends. */
const reply = fc.record({
  code: fc.integer({ min: 200, max: 599 }),
  lines: fc.array(
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, '').toWellFormed()),
    { minLength: 1, maxLength: 4 },
  ),
});
const written = (code: number, lines: readonly string[], end: string) =>
  lines.map((text, at) => `${code}${at === lines.length - 1 ? ' ' : '-'}${text}${end}`).join('');
const heard = (code: number, lines: readonly string[]) => written(code, lines, '\n').slice(0, -1);

test('replies come out as they went in, however the network cuts them', () => {
  fc.assert(
    fc.property(
      fc.array(reply, { maxLength: 6 }),
      fc.constantFrom('\r\n', '\n'),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (replies, end, cuts) => {
        const wire = Buffer.from(replies.map(({ code, lines }) => written(code, lines, end)).join(''));
        for (const sizes of [cuts, [1], [wire.length + 1]]) {
          const parser = parseReplies();
          const out: string[] = [];
          for (let at = 0, turn = 0; at < wire.length; turn += 1) {
            const size = sizes[turn % sizes.length]!;
            out.push(...parser.push(wire.subarray(at, at + size)));
            at += size;
          }
          expect(out).toEqual(replies.map(({ code, lines }) => heard(code, lines)));
          expect(parser.begun()).toBe('');
        }
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['250 ok\r\n', ['250 ok'], ''],
  ['250-one\r\n250-two\r\n250 three\r\n', ['250-one\n250-two\n250 three'], ''],
  ['250\r\n', ['250'], ''],
  ['250-one\r\n250', [], '250-one\n250'],
  ['\r\n\r\n250 ok\r\n', ['250 ok'], ''],
  ['all is well\r\n', ['all is well'], ''],
  ['2500-ok\r\n', ['2500-ok'], ''],
  ['250 ok\r\n550 ', ['250 ok'], '550 '],
  ['354 go\r250 taken\r\n', ['354 go\r250 taken'], ''],
])('%j is %j, and %j has begun', (wire, replies, begun) => {
  const parser = parseReplies();
  expect(parser.push(Buffer.from(wire))).toEqual(replies);
  expect(parser.begun()).toBe(begun);
});

test('octets that are no UTF-8 are Latin-1; a character cut in two comes together', () => {
  const parser = parseReplies();
  expect(parser.push(Buffer.from('250 gr\xfc\xdf\r\n', 'latin1'))).toEqual(['250 grüß']);
  const [head, tail] = [Buffer.from('250 grü').subarray(0, -1), Buffer.from('grü').subarray(-1)];
  expect([...parser.push(head), ...parser.push(tail), ...parser.push(Buffer.from('\r\n'))]).toEqual([
    '250 grü',
  ]);
});

test.each([
  ['a line', 'x'],
  ['a reply of many lines', '250-x\r\n'],
  ['a reply of empty lines', '250-\r\n'],
])('%s that never ends is given up', (_, part) => {
  const parser = parseReplies();
  const chunk = Buffer.from(part.repeat(100));
  let octets = 0;
  expect(() => {
    for (; octets < 4 * LONGEST_REPLY; octets += chunk.length) parser.push(chunk);
  }).toThrow('never ends');
  expect(octets).toBeLessThanOrEqual(2 * LONGEST_REPLY);
});
