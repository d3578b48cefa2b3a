import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claimsOf } from '../../src/bounce/claims-of.ts';
import { readIncoming } from '../../src/bounce/read-incoming.ts';
import { readMailgun } from '../../src/bounce/webhooks/read-mailgun.ts';
import { readPostmark } from '../../src/bounce/webhooks/read-postmark.ts';
import { readSes } from '../../src/bounce/webhooks/read-ses.ts';
import { complaint, nameOf, POLICY, report, written } from './written.ts';

/** `TRIALS=100000 npm test -- tests/bounce/fuzz` tries for longer. */
const numRuns = Number(process.env.TRIALS ?? 400);

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const real = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.eml'))
  .map((name) => readFileSync(`${FIXTURES}/${name}`));
const reports = [...real, ...written.map(({ bytes }) => bytes), complaint('ann@mailbox.example')];
const namesIn = (bytes: Buffer) => {
  const { verp, messageIds } = claimsOf(readIncoming(bytes), POLICY);
  return [...verp, ...messageIds];
};

/** What a wire, a filter or an attacker does to a text: cut, doubled, moved, spoilt, with another one in it. */
const spoilt = (texts: readonly Buffer[]) =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(
        fc.tuple(
          fc.constantFrom('cut', 'double', 'drop', 'octet', 'insert', 'splice', 'lines'),
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.nat(255),
          fc.constantFrom(...texts),
        ),
        { minLength: 1, maxLength: 6 },
      ),
    )
    .map(([text, changes]) =>
      changes.reduce((bytes, [how, one, two, octet, other]) => {
        const [from, to] = [one, two].sort().map((share) => Math.floor(share * bytes.length)) as [
          number,
          number,
        ];
        const parts = {
          cut: [bytes.subarray(0, to)],
          double: [bytes.subarray(0, to), bytes.subarray(from)],
          drop: [bytes.subarray(0, from), bytes.subarray(to)],
          octet: [bytes.subarray(0, from), Buffer.of(octet), bytes.subarray(from + 1)],
          insert: [bytes.subarray(0, from), Buffer.alloc(octet, octet), bytes.subarray(from)],
          splice: [
            bytes.subarray(0, from),
            other.subarray(Math.floor(two * other.length)),
            bytes.subarray(from),
          ],
          lines: [Buffer.from(bytes.toString('latin1').split('\n').reverse().join('\n'), 'latin1')],
        }[how]!;
        return Buffer.concat(parts).subarray(0, 200_000);
      }, text),
    );

test('reports that were spoilt: nothing is thrown, and who is named stands there as a whole', () => {
  fc.assert(
    fc.property(spoilt(reports), (bytes) => {
      const text = bytes
        .toString('latin1')
        .toLowerCase()
        .replace(/=\r?\n/g, '');
      for (const name of namesIn(bytes)) expect(text).toContain(name);
      const { kind, failures } = readIncoming(bytes);
      expect(failures.length).toBeLessThanOrEqual(100);
      if (kind === 'bounce') expect(failures.some(({ severity }) => severity !== 'none')).toBe(true);
    }),
    { numRuns },
  );
});

test('whatever is done to two reports, nobody else of the list is named', () => {
  const [ann, ben, ...others] = ['ann', 'ben', 'cat', 'dan', 'eve'].map((who) => `${who}@mailbox.example`);
  const pair = [report({ key: ann! }), complaint(ben!)];
  const strangers = new Set(others.map((key) => nameOf(key)));
  fc.assert(
    fc.property(spoilt(pair), (bytes) => {
      for (const name of namesIn(bytes)) expect(strangers).not.toContain(name);
    }),
    { numRuns },
  );
});

const NOW = Date.UTC(2026, 10, 25, 12);
const SIGNING_KEY = 'a signing key';
const signature = createHmac('sha256', SIGNING_KEY)
  .update(`${NOW / 1000}a-token`)
  .digest('hex');
const posts = [
  {
    signature: { timestamp: String(NOW / 1000), token: 'a-token', signature },
    'event-data': {
      id: 'one',
      event: 'failed',
      severity: 'permanent',
      reason: 'bounce',
      recipient: 'a@b.example',
    },
  },
  { RecordType: 'Bounce', ID: 42, Type: 'HardBounce', Email: 'a@b.example', MessageID: 'x' },
  {
    Type: 'Notification',
    MessageId: 'm',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:bounces',
    Message: '{"notificationType":"Bounce"}',
    Timestamp: new Date(NOW).toISOString(),
    SignatureVersion: '2',
    Signature: 'AAAA',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem',
  },
].map((post) => Buffer.from(JSON.stringify(post)));

test('webhooks that were spoilt: refused, or an event of one address at most a hundred times', async () => {
  const key = 'user:a long password';
  const authorization = `Basic ${Buffer.from(key).toString('base64')}`;
  await fc.assert(
    fc.asyncProperty(spoilt(posts), async (bytes) => {
      const posted = { headers: { authorization }, body: bytes.toString('utf8'), now: NOW };
      const fetched: string[] = [];
      for (const told of [
        readMailgun(posted, SIGNING_KEY),
        readPostmark(posted, key),
        await readSes(posted, 'arn:aws:sns:eu-west-1:123456789012:bounces', async (url) => {
          fetched.push(url);
          return '';
        }),
      ])
        if ('events' in told) expect(told.events.length).toBeLessThanOrEqual(100);
        else expect('refused' in told && [400, 401].includes(told.refused)).toBe(true);
      for (const url of fetched) expect(url).toMatch(/^https:\/\/sns\.eu-west-1\.amazonaws\.com\//);
    }),
    { numRuns },
  );
});
