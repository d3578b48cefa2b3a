import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../src/mail.ts';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp } from '../../src/transport/smtp.ts';
import { messageTo } from './message-to.ts';
import { rawServer } from './raw-server.ts';

/** A server that keeps the octets, and a transport to it: what follows holds for any way of speaking SMTP. */
async function scene() {
  const server = await rawServer();
  const relay = parseSmtpUrl(server.url);
  if ('fault' in relay) throw new Error(relay.fault);
  const smtp = openSmtp(relay, { connections: 1 });
  onTestFinished(() => smtp.close());
  const send = (message: Message) => smtp.send(message, async () => true);
  return { server, send };
}

const SMUGGLED = 'MAIL FROM:<eve@example.com>\r\nRCPT TO:<mallory@example.com>\r\nDATA\r\nmore\r\n';

/**
 * Servers differ in what they take for the end of a line, which is all that smuggling lives on (SEC Consult, 2023): no
 * octets may be sent that one of them could take for the end of the message but the end itself.
 */
function expectOneMessage(octets: string): void {
  const shown = JSON.stringify(octets.slice(0, 300));
  expect(octets.match(/\r(?!\n)|(?<!\r)\n/g), `a CR or LF alone in ${shown}`).toBeNull();
  const ends = [...octets.matchAll(/(?:^|[\r\n])\.(?=[\r\n])/g)];
  expect(ends.length, `ends of a message in ${shown}`).toBe(1);
  expect(octets.endsWith('.\r\n')).toBe(true);
}

/** Before dots were doubled (RFC 5321 §4.5.2), without the dot at the end. */
function unstuffed(octets: string): string {
  return octets
    .slice(0, -3)
    .replace(/^\.\./, '.')
    .replace(/\r\n\.\./g, '\r\n.');
}

/** Each text of this many octets of an alphabet. */
function texts(alphabet: readonly string[], length: number): string[] {
  if (length === 0) return [''];
  return texts(alphabet, length - 1).flatMap((text) => alphabet.map((octet) => text + octet));
}

test.each([
  'a\r\n.\nb\r\n.\r\n',
  'a\n.\r\n.\r\n',
  '.\rb\r\n.\r\n',
  'a\r\n.\r\nb\r\n.\r\n',
  'a\n\r\n.\r\n',
  'a',
])('the eye of these tests sees what is wrong with %j', (octets) => {
  expect(() => expectOneMessage(octets)).toThrow();
});

test('no octets of a message end it: each text of CR, LF, dot and a letter, whole and octet by octet', async () => {
  const { server, send } = await scene();
  let tried = 0;
  for (let length = 0; length <= 5; length += 1)
    for (const body of texts(['\r', '\n', '.', 'x'], length).flatMap((text) => {
      const whole = `x${text}${SMUGGLED}`;
      return [whole, [...whole]];
    })) {
      const before = server.contents.length;
      const outcome = await send(messageTo('ann@example.com', body));
      tried += 1;
      // Refused as a whole, before any of it left, is as good.
      if (outcome.kind === 'accepted') expectOneMessage(server.contents[before]!);
      expect(server.contents.length).toBe(before + (outcome.kind === 'accepted' ? 1 : 0));
    }
  expect(tried).toBe((2 * (4 ** 6 - 1)) / 3);
  expect(server.commands.filter((line) => /eve|mallory/.test(line))).toEqual([]);
  expect(
    server.commands.filter((line) => line.startsWith('RCPT')).every((line) => line.includes('ann@')),
  ).toBe(true);
});

test('what has proper line ends arrives octet for octet, however it is cut into pieces', async () => {
  const { server, send } = await scene();
  const line = fc.array(fc.constantFrom('.', '..', 'x', ' ', '\t', '=', 'é', 'MAIL FROM:<e@example.com>'), {
    maxLength: 4,
  });
  const body = fc
    .array(
      line.map((parts) => `${parts.join('')}\r\n`),
      { maxLength: 8 },
    )
    .map((lines) => lines.join(''));
  await fc.assert(
    fc.asyncProperty(body, fc.array(fc.nat(60), { maxLength: 6 }), async (text, cuts) => {
      const bytes = Buffer.from(text);
      const at = [0, ...cuts.filter((cut) => cut <= bytes.length).sort((a, b) => a - b), bytes.length];
      const message = messageTo('ann@example.com', []);
      const content = [
        ...message.content,
        ...at.slice(1).map((end, index) => bytes.subarray(at[index], end)),
      ];
      const size = content.reduce((sum, { length }) => sum + length, 0);
      expect(await send({ ...message, content, size })).toMatchObject({ kind: 'accepted' });
      const octets = server.contents.at(-1)!;
      expectOneMessage(octets);
      expect(unstuffed(octets)).toBe(Buffer.concat(content).toString('latin1'));
    }),
    { numRuns: 200 },
  );
});

test('content that does not end its last line still ends', async () => {
  const { server, send } = await scene();
  expect(await send(messageTo('ann@example.com', 'the end'))).toMatchObject({ kind: 'accepted' });
  expectOneMessage(server.contents[0]!);
  expect(server.contents[0]).toMatch(/the end\r\n\.\r\n$/);
});

test('an empty message is one', async () => {
  const { server, send } = await scene();
  const message = { ...messageTo('ann@example.com'), content: [], size: 0 };
  const outcome = await send(message);
  expect(['accepted', 'rejected']).toContain(outcome.kind);
  for (const octets of server.contents) expect(octets.replace(/^\r\n/, '')).toBe('.\r\n');
  expect(await send(messageTo('bob@example.com'))).toMatchObject({ kind: 'accepted' });
});
