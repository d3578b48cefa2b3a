import type { Mailbox } from '../mail.ts';

export type CampaignState = 'planned' | 'running' | 'paused' | 'cancelled' | 'finished';

/** The reason of a campaign that a person paused: only a person lets it go on. */
export const PAUSED_BY_HAND = 'paused by hand';

/** One issue to one list; content and audience frozen when it is recorded. */
export interface Campaign {
  /** Random, url-safe; part of every Message-ID. */
  readonly id: string;
  readonly slug: string;
  readonly list: string;
  readonly digest: string;
  readonly sender: Sender;
  readonly state: CampaignState;
  /** Why it is paused, '' otherwise. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What every message of a campaign says about who sends it; frozen with the campaign. No secrets. */
export interface Sender {
  readonly name: string;
  readonly from: Mailbox;
  readonly replyTo: Mailbox | null;
  readonly listName: string;
  readonly listTitle: string;
  /** RFC 2919, without brackets. */
  readonly listId: string;
  readonly publicUrl: string | null;
  readonly unsubscribeMailto: string | null;
  readonly bounceAddress: string | null;
  readonly dkim: {
    readonly domain: string;
    readonly selector: string;
    readonly exclude: readonly string[];
  } | null;
  /**
   * `test` links change nothing and the subject begins with [TEST]. `confirmation` is no bulk mail: it asks one reader
   * whether they want any.
   */
  readonly purpose: 'live' | 'test' | 'confirmation';
  /** False: the public archive does not show the issue for this campaign, which went to a part of its list. Else absent. */
  readonly archived?: boolean;
}

export type DeliveryState =
  | 'queued'
  | 'claimed'
  | 'sending'
  | 'accepted'
  | 'rejected'
  | 'uncertain'
  | 'suppressed'
  | 'cancelled';

/** How many deliveries of a campaign stand in each state. */
export type Counts = Readonly<Record<DeliveryState, number>>;

/** One reader of a campaign, as planned. */
export interface PlannedReader {
  readonly address: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** One subscriber's row in a campaign. Instants in milliseconds since 1970. */
export interface Delivery {
  readonly id: number;
  readonly campaignId: string;
  readonly key: string;
  readonly address: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly state: DeliveryState;
  readonly tries: number;
  /** Not before this instant. */
  readonly dueAt: number;
  /** The Date header's instant: fixed when it first becomes `sending`, so that a repeat is the same bytes. */
  readonly date: number | null;
  /** When content last began to leave, and when the last word was recorded; null: never. */
  readonly begunAt: number | null;
  readonly settledAt: number | null;
  /** Fencing token of the claim; every update names it. */
  readonly fence: number;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string;
}

/** How many deliveries of a state had this as the last word; `reply` is '' for those that were accepted. */
export interface ReplyCount extends Pick<Delivery, 'state' | 'code' | 'enhanced' | 'reply'> {
  readonly count: number;
}
