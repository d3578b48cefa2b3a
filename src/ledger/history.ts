import type { Delivery, ReplyCount } from '../campaign/campaign.ts';
import type { Database } from './database.ts';
import { toDelivery } from './deliveries.ts';

/** What became of a campaign, for who asks; nothing of this is needed to deliver it. */
export interface History {
  /** All deliveries of a campaign, by id, in pages that begin after `after`. */
  history(campaignId: string, after?: number, limit?: number): Promise<Delivery[]>;
  /**
   * How often each reply was the last word, the most frequent first, at most 10,000: of who was accepted by code alone,
   * for their texts all differ; of who was rejected, is uncertain or waits to be tried again, with the text.
   */
  replies(campaignId: string): Promise<ReplyCount[]>;
}

export function history({ read }: Database): History {
  return {
    async history(campaignId, after = 0, limit = 1000) {
      // COALESCE keeps the index of what is due out of it: with that each page would sort the whole campaign (370 ms
      // instead of 10 of a million rows).
      const rows = await read(
        "SELECT * FROM deliveries WHERE COALESCE(campaign_id, '') = ? AND id > ? ORDER BY id LIMIT ?",
        campaignId,
        after,
        limit,
      );
      return rows.map(toDelivery);
    },
    async replies(campaignId) {
      const rows = await read(
        `SELECT state, code, enhanced, CASE WHEN state = 'accepted' THEN '' ELSE reply END AS text, COUNT(*) AS n
         FROM deliveries
         WHERE campaign_id = ? AND (state IN ('accepted', 'rejected', 'uncertain') OR (state = 'queued' AND tries > 0))
         GROUP BY 1, 2, 3, 4 ORDER BY n DESC, state, text LIMIT 10000`,
        campaignId,
      );
      return rows.map(
        ({ state, code, enhanced, text, n }) =>
          ({ state, code, enhanced, reply: text, count: Number(n) }) as unknown as ReplyCount,
      );
    },
  };
}
