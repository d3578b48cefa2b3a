import type { Campaign, Delivery } from '../campaign/campaign.ts';
import type { Receipt } from '../campaign/receipt.ts';

/** A row as a database gives it. */
export type Row = Record<string, string | number | null>;

export function toCampaign(row: Row): Campaign {
  const { id, slug, list, digest, sender, state, reason, created_at } = row;
  return {
    id,
    slug,
    list,
    digest,
    sender: JSON.parse(String(sender)),
    state,
    reason,
    createdAt: created_at,
  } as unknown as Campaign;
}

export function toDelivery(row: Row): Delivery {
  const { id, campaign_id, key, address, fields, state, tries, due_at, date, fence, code, enhanced, reply } =
    row;
  return {
    id,
    campaignId: campaign_id,
    key,
    address,
    fields: JSON.parse(String(fields)),
    state,
    tries,
    dueAt: due_at,
    date,
    fence,
    code,
    enhanced,
    reply,
  } as unknown as Delivery;
}

export function toReceipt({ slug, digest, parts, how, who, git_commit, at }: Row): Receipt {
  return {
    slug,
    digest,
    parts: JSON.parse(String(parts)),
    how,
    who,
    commit: git_commit,
    at,
  } as unknown as Receipt;
}
