import { createHmac, createSign } from 'node:crypto';
import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openApp } from '../../src/app.ts';
import { webhookRoutes } from '../../src/bounce/webhooks/webhook-routes.ts';
import { hooksOf } from '../../src/commands/serve/hooks-of.ts';
import { portsOf } from '../../src/commands/serve/ports-of.ts';
import { loadConfig } from '../../src/config.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openTerminal } from '../../src/terminal.ts';
import { createWeb } from '../../src/web/create-web.ts';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { testCertificate } from '../support/test-certificate.ts';
import { openIntake, recordCampaign } from './open-intake.ts';
import { messageIdOf, POLICY, SECRET } from './written.ts';

const [ANN, BEN, CAT, DAN] = ['ann', 'ben', 'cat', 'dan'].map((name) => `${name}@mailbox.example`) as [
  string,
  string,
  string,
  string,
];
const KEY = 'a signing key of Mailgun';
const PASSWORD = 'broadsheet:a long password of ours';
const AUTHORIZATION = { authorization: `Basic ${Buffer.from(PASSWORD).toString('base64')}` };

/** The public server of a project that takes what Postmark and Mailgun tell. */
async function server(
  env: Record<string, string> = { POSTMARK_WEBHOOK: PASSWORD, MAILGUN_WEBHOOK_KEY: KEY },
) {
  const { root } = temporaryProject({}, { publicUrl: 'https://letters.example.com/news' });
  const loaded = await loadConfig(root, { LINK_SECRET: SECRET, ...env });
  if ('findings' in loaded) throw new Error(loaded.findings.map(({ message }) => message).join('\n'));
  const app = openApp(loaded.config);
  const ledger = await app.openLedger({ create: true, readOnly: false });
  onTestFinished(() => ledger.close().catch(() => {}));
  await recordCampaign(ledger, [ANN, BEN, CAT, DAN]);
  const terminal = { ...openTerminal({ quiet: true, input: false }), insist: () => {} };
  const context = { app, terminal, signal: new AbortController().signal };
  const web = createWeb(portsOf(context, ledger, { wake() {} }), hooksOf(context, ledger));
  return {
    ledger,
    post: async (provider: string, body: unknown, headers: Record<string, string> = {}) =>
      (
        await web.request(`/news/hooks/${provider}`, {
          method: 'POST',
          headers,
          body: typeof body === 'string' ? body : JSON.stringify(body),
        })
      ).status,
    suppressed: async () => Object.fromEntries(await ledger.suppressions('weekly')),
    web,
  };
}

let tokens = 0;
/** As Mailgun posts an event: each time signed anew. */
function mailgun(event: object, at = Date.now() / 1000, key = KEY) {
  const token = `token ${(tokens += 1)}`;
  const timestamp = String(Math.floor(at));
  const signature = createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex');
  return { signature: { timestamp, token, signature }, 'event-data': event };
}
const failed = (recipient: string, id: string, severity = 'permanent') => ({
  id,
  event: 'failed',
  severity,
  reason: 'bounce',
  recipient,
  message: { headers: { 'message-id': messageIdOf(recipient).slice(1, -1) } },
});

describe('what providers tell the public server', () => {
  test('is in force when it is answered: bounces, complaints, and who left there', async () => {
    const { post, suppressed } = await server();
    expect(await post('mailgun', mailgun(failed(ANN, 'one')))).toBe(200);
    const complaint = { RecordType: 'SpamComplaint', ID: 7, Email: BEN };
    expect(await post('postmark', complaint, AUTHORIZATION)).toBe(200);
    const left = { id: 'two', event: 'unsubscribed', recipient: CAT };
    expect(await post('mailgun', mailgun(left))).toBe(200);
    const change = {
      RecordType: 'SubscriptionChange',
      Recipient: DAN,
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
      ChangedAt: '2026-11-25T12:00:00Z',
    };
    expect(await post('postmark', { ...change, SuppressionReason: 'HardBounce' }, AUTHORIZATION)).toBe(200);
    expect(await suppressed()).not.toHaveProperty(DAN);
    expect(await post('postmark', change, AUTHORIZATION)).toBe(200);
    expect(await suppressed()).toEqual({
      [ANN]: 'bounced',
      [BEN]: 'complained',
      [CAT]: 'unsubscribed',
      [DAN]: 'unsubscribed',
    });
  });

  test('counts once, however often and however at once it is told', async () => {
    const { post, suppressed, ledger } = await server();
    const again = Array.from({ length: 20 }, () => post('mailgun', mailgun(failed(ANN, 'one', 'temporary'))));
    expect(new Set(await Promise.all(again))).toEqual(new Set([200]));
    expect(await suppressed()).toEqual({});
    expect(await ledger.handledReports(['mailgun one'])).toHaveLength(1);
    for (const id of ['two', 'three', 'four', 'five'])
      expect(await post('mailgun', mailgun(failed(ANN, id, 'temporary')))).toBe(200);
    expect(await suppressed(), 'five of them').toEqual({ [ANN]: 'bounced' });
  });

  test.each([
    ['a request without a password', 'postmark', { RecordType: 'SpamComplaint', Email: ANN }, 401],
    ['another signing key', 'mailgun', mailgun(failed(ANN, 'x'), Date.now() / 1000, 'a guess'), 401],
    ['what was overheard an hour ago', 'mailgun', mailgun(failed(ANN, 'x'), Date.now() / 1000 - 3600), 401],
    ['no JSON', 'mailgun', 'hello', 400],
    ['a body that is too large', 'mailgun', 'x'.repeat(1_100_000), 413],
    ['a provider without a secret', 'ses', '{}', 404],
    ['a provider that is not known', 'sendgrid', '{}', 404],
  ])('%s changes nothing', async (_what, provider, body, status) => {
    const { post, suppressed } = await server();
    expect(await post(provider, body)).toBe(status);
    expect(await suppressed()).toEqual({});
  });

  test('GET, as of somebody who looks, is not answered', async () => {
    const { web } = await server();
    expect((await web.request('/news/hooks/mailgun')).status).toBe(404);
  });

  test('a ledger that fails is no answer: the provider tells it again', async () => {
    const { post, ledger } = await server();
    await ledger.close();
    expect(await post('mailgun', mailgun(failed(ANN, 'one')))).toBe(503);
  });
});

describe('Amazon', () => {
  const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:bounces';
  const host = 'https://sns.eu-west-1.amazonaws.com';

  async function amazon(ledger: { ledger: Ledger; ports: Parameters<typeof webhookRoutes>[0]['intake'] }) {
    const fetched: string[] = [];
    const app = new Hono().route(
      '/hooks',
      webhookRoutes({
        secrets: { ses: TOPIC, postmark: null, mailgun: null },
        policy: { ...POLICY, soft: { most: 5, within: 86_400_000 } },
        intake: ledger.ports,
        async fetchText(url) {
          fetched.push(url);
          return url.endsWith('.pem') ? testCertificate.cert : 'confirmed';
        },
        log: () => {},
      }),
    );
    const post = async (fields: Record<string, string>) => {
      const whole: Record<string, string> = {
        MessageId: 'a-message',
        TopicArn: TOPIC,
        Timestamp: new Date().toISOString(),
        SignatureVersion: '2',
        SigningCertURL: `${host}/SimpleNotificationService-0123abcd.pem`,
        ...fields,
      };
      const names = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
      const text = names.flatMap((name) => (whole[name] === undefined ? [] : `${name}\n${whole[name]}\n`));
      const Signature = createSign('sha256').update(text.join('')).sign(testCertificate.key, 'base64');
      const body = JSON.stringify({ ...whole, Signature });
      return (await app.request('/hooks/ses', { method: 'POST', body })).status;
    };
    return { post, fetched };
  }

  test('is asked once whether we meant it, and then believed', async () => {
    const intake = await openIntake([ANN], Date.now);
    const { post, fetched } = await amazon(intake);
    const SubscribeURL = `${host}/?Action=ConfirmSubscription&Token=a-token`;
    const asked = { Type: 'SubscriptionConfirmation', Message: 'x', Token: 'a-token' };
    expect(await post({ ...asked, SubscribeURL })).toBe(200);
    expect(fetched).toContain(SubscribeURL);
    const Message = JSON.stringify({
      notificationType: 'Bounce',
      bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: ANN }] },
    });
    expect(await post({ Type: 'Notification', Message })).toBe(200);
    expect(intake.told).toMatchObject([{ key: ANN, reason: 'bounced' }]);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://sns.evil-1.amazonaws.com/?Action=ConfirmSubscription',
    'https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription',
  ])('%s is not asked', async (SubscribeURL) => {
    const { post, fetched } = await amazon(await openIntake([ANN], Date.now));
    const asked = { Type: 'SubscriptionConfirmation', Message: 'x', Token: 'a-token' };
    expect(await post({ ...asked, SubscribeURL })).toBe(401);
    expect(fetched).not.toContain(SubscribeURL);
  });
});

test.each([
  ['SES_TOPIC_ARN', 'my-topic', 'is no ARN of an SNS topic'],
  ['POSTMARK_WEBHOOK', 'me:short', 'is not USER:PASSWORD'],
])('%s that cannot be right is named, and not shown', async (name, value, says) => {
  const { code, stderr } = await runCommand(temporaryProject().root, 'status', { [name]: value });
  expect(stderr).toContain(`${name} ${says}`);
  expect(stderr).not.toContain(value);
  expect(code).toBe(78);
});
