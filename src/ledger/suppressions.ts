import type { Suppression } from '../audience/audience.ts';
import type { Database } from './database.ts';

/** Addresses that must not be mailed. */
export interface Suppressions {
  /** By key, those of a list and of all lists. */
  suppressions(list: string): Promise<Map<string, Suppression['reason']>>;
  /** In force at once, also in campaigns under way; of two, the first stays. */
  suppress(suppression: Suppression): Promise<void>;
}

/** True for a delivery whose reader must not be mailed, on its list or on any. */
export const IS_SUPPRESSED = `EXISTS (SELECT 1 FROM suppressions s JOIN campaigns c ON c.id = deliveries.campaign_id
  WHERE s.key = deliveries.key AND s.list IN ('', c.list))`;

export function suppressions({ read, write }: Database): Suppressions {
  return {
    async suppressions(list) {
      const rows = await read("SELECT key, reason FROM suppressions WHERE list IN ('', ?)", list);
      return new Map(rows.map(({ key, reason }) => [String(key), reason as Suppression['reason']]));
    },
    suppress: ({ key, list, reason, at }) =>
      write(async (tx) => {
        await tx.run(
          'INSERT INTO suppressions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          key,
          list ?? '',
          reason,
          at,
        );
        // Not left to the next claim or gate: one that has begun waits for these rows, and finds them taken. So when
        // this call has ended, no content is let go to this reader any more, on PostgreSQL either.
        await tx.run(
          `UPDATE deliveries SET state = 'suppressed', owner = NULL WHERE key = ? AND state IN ('queued', 'claimed')
           AND (? = '' OR ? = (SELECT list FROM campaigns WHERE id = deliveries.campaign_id))`,
          key,
          list ?? '',
          list ?? '',
        );
      }),
  };
}
