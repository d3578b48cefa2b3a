import type { Campaign } from '../../campaign/campaign.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** What the archive needs of the ledger. */
export type ArchiveLedger = Pick<Ledger, 'campaigns' | 'campaign' | 'email' | 'counts'>;

/** An issue that went out: the campaign whose email is shown, and when the first of it began. */
export interface Published {
  readonly slug: string;
  readonly campaign: Campaign;
  /** Ms since 1970. */
  readonly at: number;
}

/**
 * Issues of which a campaign to one of these lists began, the newest first; not those that went to parts of lists only. What is being planned, or was cancelled before
 * anybody had it, is not public (`ended` remembers that: to count a million rows for each visitor is too much). Of several campaigns of an issue the latest email is shown: it is the corrected one.
 */
export async function findIssues(
  ledger: ArchiveLedger,
  isPublic: (list: string) => boolean,
  ended: Map<string, boolean> = new Map(),
): Promise<Published[]> {
  const found = new Map<string, Published>();
  const whole = new Set<string>();
  for (const campaign of await ledger.campaigns()) {
    if (!isPublic(campaign.list) || !(await hasBegun(ledger, campaign, ended))) continue;
    const at = found.get(campaign.slug)?.at ?? campaign.createdAt;
    found.set(campaign.slug, { slug: campaign.slug, campaign, at });
    if (campaign.sender.archived !== false) whole.add(campaign.slug);
  }
  return [...found.values()]
    .filter(({ slug }) => whole.has(slug))
    .sort((one, other) => other.at - one.at || (one.slug < other.slug ? -1 : 1));
}

async function hasBegun(
  ledger: ArchiveLedger,
  { id, state }: Campaign,
  ended: Map<string, boolean>,
): Promise<boolean> {
  if (state === 'planned') return false;
  if (state !== 'cancelled') return true;
  const known = ended.get(id);
  if (known !== undefined) return known;
  const { accepted, uncertain, sending } = await ledger.counts(id);
  const begun = accepted + uncertain + sending > 0;
  if (sending === 0) ended.set(id, begun);
  return begun;
}
