import { createHmac } from 'node:crypto';

/**
 * The name of one delivery, 128 bits as hex: in its Message-ID and in its reverse-path. A bounce proves by it that it
 * is about mail of ours, so it is keyed by the link secret: the campaign's id is in every message, and whoever reads
 * one could otherwise name any other reader. Without a secret only the id is left.
 */
export function deliveryIdentity(secret: string | null, campaignId: string, key: string): string {
  return createHmac('sha256', secret ?? campaignId)
    .update(`broadsheet:delivery\n${campaignId}\n${key}`)
    .digest('hex')
    .slice(0, 32);
}
