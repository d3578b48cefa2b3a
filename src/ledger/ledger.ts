import type { Suppression } from '../audience/audience.ts';
import type { Campaign, CampaignState, Delivery, DeliveryState } from '../campaign/campaign.ts';
import type { Receipt } from '../campaign/receipt.ts';
import type { Transition } from '../campaign/settle.ts';

/** A fault of the ledger itself, told to a person; sending stops at once. */
export class LedgerError extends Error {}

/** Another process has recorded some of these readers for this issue in the meantime (invariant 1): plan again. */
export class AlreadyPlanned extends LedgerError {}

/** One reader of a campaign, as planned. */
export interface PlannedReader {
  readonly address: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

export type Counts = Readonly<Record<DeliveryState, number>>;

/**
 * The database of campaigns, deliveries and suppressions. Instants in ms since 1970. Every method may throw
 * LedgerError: then nothing of that call was recorded.
 */
export interface Ledger {
  /** Keys of all readers of an issue, whatever campaign: none of them may be planned again (invariant 1). */
  readersOf(slug: string): Promise<Set<string>>;
  suppressions(list: string): Promise<Map<string, Suppression['reason']>>;
  suppress(suppression: Suppression): Promise<void>;
  /** Freezes a campaign: `email` is its content, `readers` its audience; all or nothing. May throw AlreadyPlanned. */
  record(
    campaign: Campaign,
    email: string,
    readers: AsyncIterable<PlannedReader> | Iterable<PlannedReader>,
  ): Promise<void>;
  campaigns(slug?: string): Promise<Campaign[]>;
  campaign(campaignId: string): Promise<Campaign | null>;
  email(campaignId: string): Promise<string>;
  /** A cancelled campaign stays cancelled; cancelling takes back what was not begun. */
  setState(campaignId: string, state: CampaignState, reason: string): Promise<void>;
  /** How many rows stand in each state; throws when they do not add up to the audience that was planned. */
  counts(campaignId: string): Promise<Counts>;
  /** Deliveries in these states, by id; `after` pages. */
  deliveries(
    campaignId: string,
    states: readonly DeliveryState[],
    after?: number,
    limit?: number,
  ): Promise<Delivery[]>;
  /** Takes up to `limit` due rows for this sender; suppressed ones are marked so instead. */
  claim(campaignId: string, now: number, limit: number): Promise<Delivery[]>;
  /** The gate: `sending` is durable when it resolves to true. False: suppressed, paused, or no longer ours. */
  markSending(delivery: Delivery, date: number, now: number): Promise<boolean>;
  /** Records an outcome under the delivery's fence; false: it was no longer ours, nothing changed. */
  settle(delivery: Delivery, transition: Transition, now: number): Promise<boolean>;
  /** Gives back the rows that this sender claimed, none of which was begun. */
  release(campaignId: string): Promise<void>;
  /** Rows of senders that died: claimed → queued, sending → uncertain. Gives how many became uncertain. */
  sweep(now: number): Promise<number>;
  /** Tells that this sender lives; before it claims and then at least once a minute. */
  beat(now: number): Promise<void>;
  /** What becomes of uncertain rows; gives how many there were. Those of a cancelled campaign are never sent again. */
  resolve(campaignId: string, how: 'resend' | 'accept', now: number): Promise<number>;
  /** When messages began since an instant, oldest first: what limits across restarts need. */
  begunSince(since: number): Promise<number[]>;
  /** The next instant at which a queued row is due; null: none is queued. */
  nextDue(campaignId: string): Promise<number | null>;
  leaveReceipt(receipt: Receipt): Promise<void>;
  /** Receipts of an issue, oldest first. */
  receipts(slug: string): Promise<Receipt[]>;
  close(): Promise<void>;
}
