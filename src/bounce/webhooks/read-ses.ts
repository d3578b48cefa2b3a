import { createVerify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { eventOf, readJson, type WebhookEvent, type WebhookRead, type WebhookRequest } from './webhook.ts';

const envelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string(),
  SigningCertURL: z.string(),
  Subject: z.string().optional(),
  SubscribeURL: z.string().optional(),
  Token: z.string().optional(),
});

const recipients = z.array(
  z.object({
    emailAddress: z.string(),
    diagnosticCode: z.string().default(''),
  }),
);

const notification = z.object({
  /** Two forms of SES: notifications of an identity, events of a configuration set. */
  notificationType: z.string().optional(),
  eventType: z.string().optional(),
  mail: z
    .object({
      source: z.string().default(''),
      headers: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    })
    .default({ source: '', headers: [] }),
  bounce: z.object({ bounceType: z.string(), bouncedRecipients: recipients }).optional(),
  complaint: z
    .object({ complainedRecipients: recipients, complaintFeedbackType: z.string().nullish() })
    .optional(),
});

/** The order in which SNS signs its fields. */
const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  other: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const;

/** SNS tries again for an hour; what is older was kept by somebody to be played again. */
const OLDEST = 2 * 3_600_000;

/**
 * Reads a POST of Amazon SNS with an event of SES. The signature alone proves little, for anybody may have a topic of
 * their own, which Amazon signs as well: the topic must be ours. `certificate` fetches the PEM at an address of Amazon.
 */
export async function readSes(
  { body, now }: WebhookRequest,
  topic: string,
  certificate: (url: string) => Promise<string>,
): Promise<WebhookRead> {
  const parsed = envelope.safeParse(readJson(body));
  if (!parsed.success) return { refused: 400, why: 'it is no message of SNS' };
  const message = parsed.data;
  if (message.TopicArn !== topic) return { refused: 401, why: 'it is of another topic' };
  // arn:aws:sns:REGION:ACCOUNT:NAME
  const [, , , region = ''] = topic.split(':');
  if (!isAmazon(message.SigningCertURL, region, /^\/SimpleNotificationService-[0-9a-f]+\.pem$/))
    return { refused: 401, why: 'its certificate is not at Amazon' };
  if (!(await isSigned(message, certificate))) return { refused: 401, why: 'its signature is wrong' };
  const age = now - Date.parse(message.Timestamp);
  if (!(Math.abs(age) < OLDEST)) return { refused: 401, why: 'it is too old' };
  if (message.Type === 'SubscriptionConfirmation') {
    const url = message.SubscribeURL ?? '';
    return isAmazon(url, region, /^\/$/)
      ? { confirm: url }
      : { refused: 401, why: 'its address is not at Amazon' };
  }
  const read = notification.safeParse(message.Type === 'Notification' ? readJson(message.Message) : null);
  return { events: read.success ? eventsOf(message.MessageId, read.data) : [] };
}

async function isSigned(
  message: z.output<typeof envelope>,
  certificate: (url: string) => Promise<string>,
): Promise<boolean> {
  const names = message.Type === 'Notification' ? SIGNED.Notification : SIGNED.other;
  const text = names
    .flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
    .join('');
  try {
    const { publicKey } = new X509Certificate(await certificate(message.SigningCertURL));
    return createVerify(message.SignatureVersion === '1' ? 'sha1' : 'sha256')
      .update(text)
      .verify(publicKey, message.Signature, 'base64');
  } catch {
    return false;
  }
}

/** Is this an address of SNS in the region of our topic? */
function isAmazon(text: string, region: string, path: RegExp): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:' || url.port || url.username || url.password) return false;
  const host = `sns.${region}.amazonaws.com`;
  return [host, `${host}.cn`].includes(url.hostname) && path.test(url.pathname);
}

function eventsOf(
  messageId: string,
  { mail, bounce, complaint }: z.output<typeof notification>,
): WebhookEvent[] {
  const ours = {
    path: mail.source,
    messageId: mail.headers.find(({ name }) => name.toLowerCase() === 'message-id')?.value ?? '',
  };
  const told = bounce?.bouncedRecipients ?? complaint?.complainedRecipients ?? [];
  // `not-spam` is a reader who took a complaint back.
  if (complaint?.complaintFeedbackType === 'not-spam') return [];
  return told.slice(0, 100).map(({ emailAddress, diagnosticCode }, at) =>
    eventOf({
      id: `ses ${messageId} ${at}`,
      kind: complaint ? 'complaint' : 'bounce',
      address: emailAddress,
      severity: complaint || bounce?.bounceType === 'Permanent' ? 'hard' : 'soft',
      diagnostic: diagnosticCode,
      ...ours,
    }),
  );
}
