import { createHmac, createSign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeIn } from '../../src/bounce/take-in.ts';
import { readMailgun } from '../../src/bounce/webhooks/read-mailgun.ts';
import { readPostmark } from '../../src/bounce/webhooks/read-postmark.ts';
import { readSes } from '../../src/bounce/webhooks/read-ses.ts';
import type { WebhookRead } from '../../src/bounce/webhooks/webhook.ts';
import { testCertificate } from '../support/test-certificate.ts';
import { openIntake } from './open-intake.ts';
import { messageIdOf, POLICY, pathOf } from './written.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const ANN = 'ann@mailbox.example';
const request = (body: unknown, headers: Record<string, string> = {}) => ({
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  now: NOW,
});

/** Events as one reads them: kind, address, severity. */
function told(read: WebhookRead): unknown {
  if (!('events' in read)) return 'refused' in read ? read.refused : read.confirm;
  return read.events.map(({ incoming: { kind, failures } }) => [
    kind,
    failures[0]?.address,
    failures[0]?.severity,
  ]);
}

describe('Amazon SES', () => {
  const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:bounces';
  const CERTIFICATE = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem';
  const bounce = (bounceType: string) => ({
    notificationType: 'Bounce',
    mail: { source: pathOf(ANN), headers: [{ name: 'Message-ID', value: messageIdOf(ANN) }] },
    bounce: {
      bounceType,
      bouncedRecipients: [{ emailAddress: ANN, diagnosticCode: 'smtp; 550 5.1.1 gone' }],
    },
  });

  /** An SNS message, signed with the key of the tests as Amazon signs with its own. */
  function sns(message: unknown, changes: Record<string, string> = {}, after: Record<string, string> = {}) {
    const fields: Record<string, string> = {
      Type: 'Notification',
      MessageId: 'a-message',
      TopicArn: TOPIC,
      Message: JSON.stringify(message),
      Timestamp: new Date(NOW - 60_000).toISOString(),
      SignatureVersion: '2',
      SigningCertURL: CERTIFICATE,
      ...changes,
    };
    const names =
      fields.Type === 'Notification'
        ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
    const text = names
      .filter((name) => fields[name] !== undefined)
      .map((name) => `${name}\n${fields[name]}\n`);
    const Signature = createSign(fields.SignatureVersion === '1' ? 'sha1' : 'sha256')
      .update(text.join(''))
      .sign(testCertificate.key, 'base64');
    return { ...fields, Signature, ...after };
  }
  const read = async (body: unknown) => {
    const fetched: string[] = [];
    const result = await readSes(request(body), TOPIC, async (url) => {
      fetched.push(url);
      return testCertificate.cert;
    });
    return { told: told(result), fetched, result };
  };

  test.each([
    ['a permanent bounce', bounce('Permanent'), [['bounce', ANN, 'hard']]],
    ['a transient bounce', bounce('Transient'), [['bounce', ANN, 'soft']]],
    ['an undetermined bounce', bounce('Undetermined'), [['bounce', ANN, 'soft']]],
    [
      'a complaint of a configuration set',
      {
        eventType: 'Complaint',
        complaint: { complainedRecipients: [{ emailAddress: ANN }], complaintFeedbackType: 'abuse' },
      },
      [['complaint', ANN, 'hard']],
    ],
    [
      'a complaint that was taken back',
      { complaint: { complainedRecipients: [{ emailAddress: ANN }], complaintFeedbackType: 'not-spam' } },
      [],
    ],
    ['a delivery', { notificationType: 'Delivery', mail: { source: 'a@b.example' } }, []],
    ['something else', 'hello', []],
  ])('%s', async (_what, message, wanted) => {
    for (const SignatureVersion of ['1', '2'])
      expect((await read(sns(message, { SignatureVersion }))).told).toEqual(wanted);
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    [
      'a changed message',
      {},
      { Message: JSON.stringify(bounce('Permanent')).replace(ANN, 'ben@firm.example') },
    ],
    ['no signature', {}, { Signature: '' }],
    ["another's topic, rightly signed", { TopicArn: 'arn:aws:sns:eu-west-1:999999999999:mine' }, {}],
    [
      'a certificate from elsewhere',
      { SigningCertURL: 'https://sns.evil.example/SimpleNotificationService-0.pem' },
      {},
    ],
    [
      'a certificate in a bucket',
      { SigningCertURL: 'https://s3.amazonaws.com/SimpleNotificationService-0.pem' },
      {},
    ],
    [
      'a certificate under a user',
      { SigningCertURL: CERTIFICATE.replace('sns.', 'sns.evil.example@sns.') },
      {},
    ],
    ['a certificate over http', { SigningCertURL: CERTIFICATE.replace('https', 'http') }, {}],
    ['a message of yesterday', { Timestamp: new Date(NOW - 86_400_000).toISOString() }, {}],
    ['a message without a time', { Timestamp: 'now' }, {}],
  ])('%s is refused', async (_what, changes, after) => {
    expect((await read(sns(bounce('Permanent'), changes, after))).told).toBe(401);
  });

  test('a certificate from elsewhere is not even fetched', async () => {
    const SigningCertURL = 'http://169.254.169.254/SimpleNotificationService-0.pem';
    expect((await read(sns(bounce('Permanent'), { SigningCertURL }))).fetched).toEqual([]);
  });

  test('a certificate that does not come refuses the message', async () => {
    const result = await readSes(request(sns(bounce('Permanent'))), TOPIC, async () => {
      throw new Error('no network');
    });
    expect(told(result)).toBe(401);
  });

  test('the question whether we meant it is answered at Amazon only', async () => {
    const confirmation = (SubscribeURL: string) =>
      sns('', { Type: 'SubscriptionConfirmation', Token: 'a-token', SubscribeURL });
    const right = 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=a-token';
    expect((await read(confirmation(right))).told).toBe(right);
    expect((await read(confirmation('https://sns.evil.example/'))).told).toBe(401);
  });
});

describe('Postmark', () => {
  const KEY = 'broadsheet:a long password';
  const headers = { authorization: `Basic ${Buffer.from(KEY).toString('base64')}` };
  const bounce = (Type: string, more = {}) => ({ RecordType: 'Bounce', ID: 4242, Type, Email: ANN, ...more });

  test.each([
    ['HardBounce', [['bounce', ANN, 'hard']]],
    ['BadEmailAddress', [['bounce', ANN, 'hard']]],
    ['SoftBounce', [['bounce', ANN, 'soft']]],
    ['Transient', [['bounce', ANN, 'soft']]],
    ['Blocked', [['bounce', ANN, 'soft']]],
    ['SpamNotification', [['bounce', ANN, 'soft']]],
    ['SpamComplaint', [['complaint', ANN, 'hard']]],
    ['AutoResponder', []],
  ])('%s', (type, wanted) => expect(told(readPostmark(request(bounce(type), headers), KEY))).toEqual(wanted));

  test('a record of a complaint, and of a delivery', () => {
    expect(told(readPostmark(request({ RecordType: 'SpamComplaint', Email: ANN }, headers), KEY))).toEqual([
      ['complaint', ANN, 'hard'],
    ]);
    expect(told(readPostmark(request({ RecordType: 'Delivery', Recipient: ANN }, headers), KEY))).toEqual([]);
  });

  test.each([
    ['nothing', {}, KEY],
    [
      'another password',
      { authorization: `Basic ${Buffer.from('broadsheet:guess').toString('base64')}` },
      KEY,
    ],
    ['nothing, where no password was set', { authorization: 'Basic ' }, ''],
  ])('%s is refused', (_what, given, key) => {
    expect(told(readPostmark(request(bounce('HardBounce'), given), key))).toBe(401);
  });
});

describe('Mailgun', () => {
  const KEY = 'a signing key';
  const sign = (timestamp: number, token: string, key = KEY) => ({
    timestamp: String(timestamp),
    token,
    signature: createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex'),
  });
  const at = NOW / 1000;
  const failed = (more: object) => ({
    id: 'an-event',
    event: 'failed',
    severity: 'permanent',
    reason: 'bounce',
    recipient: ANN,
    message: { headers: { 'message-id': messageIdOf(ANN).slice(1, -1) } },
    'delivery-status': { code: 550, message: '5.1.1 gone', description: null },
    ...more,
  });
  const read = (event: object, signature: object = sign(at - 10, 'a-token'), key = KEY) =>
    told(readMailgun(request({ signature, 'event-data': event }), key));

  test.each([
    ['a permanent failure', {}, [['bounce', ANN, 'hard']]],
    ['a temporary failure', { severity: 'temporary' }, [['bounce', ANN, 'soft']]],
    ['one given up after many tries', { reason: 'old' }, [['bounce', ANN, 'soft']]],
    ['one refused for spam', { reason: 'suppress-complaint' }, [['bounce', ANN, 'soft']]],
    ['a complaint', { event: 'complained' }, [['complaint', ANN, 'hard']]],
    ['a delivery', { event: 'delivered' }, []],
  ])('%s', (_what, more, wanted) => expect(read(failed(more))).toEqual(wanted));

  test.each([
    ['another key', sign(at, 'a-token', 'a guess'), KEY],
    ['no signature', { ...sign(at, 'a-token'), signature: '' }, KEY],
    ['the signature of another token', { ...sign(at, 'a-token'), token: 'b-token' }, KEY],
    ['an hour ago', sign(at - 3600, 'a-token'), KEY],
    ['tomorrow', sign(at + 86_400, 'a-token'), KEY],
    ['an empty key', sign(at, 'a-token', ''), ''],
  ])('%s is refused', (_what, signature, key) => expect(read(failed({}), signature, key)).toBe(401));

  test('an event that is played again counts once, and one about a stranger not at all', async () => {
    const { ports, told: suppressed } = await openIntake([ANN], () => NOW);
    const play = async (recipient: string, id: string, event: string) => {
      const posted = readMailgun(
        request({
          signature: sign(at, id),
          'event-data': failed({ severity: 'temporary', recipient, id: event, message: { headers: {} } }),
        }),
        KEY,
      );
      if (!('events' in posted)) throw new Error('refused');
      return takeIn(
        (async function* () {
          for (const event of posted.events) yield { ...event, handled: async () => {} };
        })(),
        { ...POLICY, trusted: true, soft: { most: 2, within: 86_400_000 } },
        ports,
      );
    };
    expect(await play(ANN, 'a', 'one')).toMatchObject({ soft: 1 });
    expect(await play(ANN, 'b', 'one')).toMatchObject({ soft: 0, again: 1 });
    expect(suppressed).toEqual([]);
    expect(await play('zoe@never.example', 'c', 'two')).toMatchObject({
      soft: 0,
      nothing: { 'it names nobody whom we wrote to': 1 },
    });
  });
});

test('what is no JSON, too large or of another shape is refused, and nothing is thrown', async () => {
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom('[]', 'null', '{"signature":{}}', `"${'x'.repeat(2_000_000)}"`, '['.repeat(100_000)),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const key = 'user:password';
      const authorization = `Basic ${Buffer.from(key).toString('base64')}`;
      for (const read of [
        readMailgun(request(text), key),
        readPostmark(request(text, { authorization }), key),
        await readSes(request(text), 'topic', async () => ''),
      ])
        expect([400, 401]).toContain(told(read));
    }),
  );
});
