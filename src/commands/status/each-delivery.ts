import type { Delivery } from '../../campaign/campaign.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** All deliveries of a campaign, a page at a time: a million of them never stand in memory together. */
export async function* eachDelivery(ledger: Ledger, campaignId: string): AsyncGenerator<Delivery[]> {
  for (let after = 0; ; ) {
    const page = await ledger.history(campaignId, after);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)!.id;
  }
}
