import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { eventOf, readJson, type WebhookRead, type WebhookRequest } from './webhook.ts';

const posted = z.object({
  signature: z.object({ timestamp: z.string().or(z.number()), token: z.string(), signature: z.string() }),
  'event-data': z.object({
    event: z.string(),
    id: z.string(),
    severity: z.string().default(''),
    reason: z.string().default(''),
    recipient: z.string().default(''),
    message: z.object({ headers: z.record(z.string(), z.unknown()).default({}) }).default({ headers: {} }),
    envelope: z.object({ sender: z.string().default('') }).default({ sender: '' }),
    'delivery-status': z
      .object({ message: z.string().nullish(), description: z.string().nullish() })
      .default({ message: '', description: '' }),
  }),
});

/** Each try is signed anew: what is older was kept by somebody to be played again. */
const OLDEST = 15 * 60_000;

/**
 * Reads a POST of Mailgun, signed with the webhook signing key: HMAC-SHA256 of its time and token. That does not cover
 * the event, so a signature that was overheard could be put to another: TLS is what keeps it, and each is old soon.
 */
export function readMailgun({ body, now }: WebhookRequest, signingKey: string): WebhookRead {
  const parsed = posted.safeParse(readJson(body));
  if (!parsed.success) return { refused: 400, why: 'it is no event of Mailgun' };
  const { timestamp, token, signature } = parsed.data.signature;
  const wanted = createHmac('sha256', signingKey).update(`${timestamp}${token}`).digest();
  const given = Buffer.from(signature, 'hex');
  if (signingKey === '' || given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return { refused: 401, why: 'its signature is wrong' };
  if (!(Math.abs(now - Number(timestamp) * 1000) < OLDEST)) return { refused: 401, why: 'it is too old' };
  const event = parsed.data['event-data'];
  const complaint = event.event === 'complained';
  const left = event.event === 'unsubscribed';
  if (!complaint && !left && event.event !== 'failed') return { events: [] };
  const status = event['delivery-status'];
  const id = event.message.headers['message-id'];
  return {
    events: [
      eventOf({
        id: `mailgun ${event.id}`,
        kind: complaint ? 'complaint' : left ? 'unsubscribe' : 'bounce',
        address: event.recipient,
        // Mailgun calls it permanent also when it gave up after many tries (`old`), or was refused for spam.
        severity:
          complaint ||
          (event.severity === 'permanent' && ['bounce', 'suppress-bounce'].includes(event.reason))
            ? 'hard'
            : 'soft',
        diagnostic: status.message || status.description || '',
        path: event.envelope.sender,
        messageId: typeof id === 'string' ? id : '',
      }),
    ],
  };
}
