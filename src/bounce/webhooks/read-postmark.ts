import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { eventOf, readJson, type WebhookRead, type WebhookRequest } from './webhook.ts';

const record = z.object({
  RecordType: z.string(),
  ID: z.number().or(z.string()).optional(),
  Type: z.string().default(''),
  Email: z.string().default(''),
  Recipient: z.string().default(''),
  SuppressSending: z.boolean().default(false),
  SuppressionReason: z.string().nullish(),
  ChangedAt: z.string().default(''),
  MessageID: z.string().default(''),
  Description: z.string().default(''),
  Details: z.string().default(''),
  From: z.string().default(''),
});

/** Types of bounces after which Postmark itself does not write again; all others may pass. */
const DEAD = ['HardBounce', 'BadEmailAddress', 'ManuallyDeactivated'];

/** Types that are no failure of a delivery. */
const NO_FAILURE = ['AutoResponder', 'AddressChange', 'ChallengeVerification', 'OpenRelayTest', 'Subscribe'];

/**
 * Reads a POST of Postmark. It signs nothing: `user:password` in the address that Postmark is given (basic
 * authentication) is what tells it from others, so that must be long and kept.
 */
export function readPostmark({ headers, body }: WebhookRequest, userAndPassword: string): WebhookRead {
  const wanted = `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
  // Hashes are of one length, and their comparison takes one time.
  if (userAndPassword === '' || !timingSafeEqual(hash(headers.authorization ?? ''), hash(wanted)))
    return { refused: 401, why: 'user or password is wrong' };
  const parsed = record.safeParse(readJson(body));
  if (!parsed.success) return { refused: 400, why: 'it is no event of Postmark' };
  const { RecordType, ID, Type, Email, MessageID, Description, Details } = parsed.data;
  if (RecordType === 'SubscriptionChange') return { events: left(parsed.data) };
  const complaint = RecordType === 'SpamComplaint' || Type === 'SpamComplaint';
  if (!complaint && (RecordType !== 'Bounce' || NO_FAILURE.includes(Type))) return { events: [] };
  return {
    events: [
      eventOf({
        id: `postmark ${RecordType} ${ID ?? ''} ${MessageID}`,
        kind: complaint ? 'complaint' : 'bounce',
        address: Email,
        severity: complaint || DEAD.includes(Type) ? 'hard' : 'soft',
        diagnostic: Details || Description,
        path: '',
        messageId: '',
      }),
    ],
  };
}

/** Who left by Postmark's own link, or was taken off by hand there. Bounces and complaints are told by records of their own. */
function left({ Recipient, SuppressSending, SuppressionReason, ChangedAt }: z.output<typeof record>) {
  if (!SuppressSending || SuppressionReason !== 'ManualSuppression') return [];
  return [
    eventOf({
      id: `postmark SubscriptionChange ${Recipient} ${ChangedAt}`,
      kind: 'unsubscribe',
      address: Recipient,
      severity: 'none',
      diagnostic: '',
      path: '',
      messageId: '',
    }),
  ];
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
