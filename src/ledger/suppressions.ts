import type { Suppression } from '../audience/audience.ts';
import type { ConsentHow } from '../audience/subscription.ts';
import { addConsents } from './consents.ts';
import type { Database, Statements } from './database.ts';
import { groupCommit } from './group-commit.ts';

/** Addresses that must not be mailed. */
export interface Suppressions {
  /** By key, those of a list and of all lists. */
  suppressions(list: string): Promise<Map<string, Suppression['reason']>>;
  /** Those of one reader, on whatever list. */
  suppressionsOf(key: string): Promise<Suppression[]>;
  /** All of them, by key and list. */
  allSuppressions(): Promise<Suppression[]>;
  /**
   * In force at once, also in campaigns under way; of two, the first stays. `how`: by the reader's own act, which is
   * added to the consent record the first time.
   */
  suppress(suppression: Suppression, how?: ConsentHow): Promise<void>;
  /** The same of many, some at a time in one transaction. */
  suppressAll(suppressions: readonly Suppression[]): Promise<void>;
}

/** True for a delivery whose reader must not be mailed, on its list or on any. */
export const IS_SUPPRESSED = `EXISTS (SELECT 1 FROM suppressions s JOIN campaigns c ON c.id = deliveries.campaign_id
  WHERE s.key = deliveries.key AND s.list IN ('', c.list))`;

/** Few enough that a sender rarely waits for them: on PostgreSQL a thousand made deadlocks with it, of a second each. */
const BATCH = 50;

export function suppressions({ read, write }: Database): Suppressions {
  // A thousand who leave at once share commits.
  const grouped = groupCommit(write);
  return {
    async suppressions(list) {
      const rows = await read("SELECT key, reason FROM suppressions WHERE list IN ('', ?)", list);
      return new Map(rows.map(({ key, reason }) => [String(key), reason as Suppression['reason']]));
    },
    async suppressionsOf(key) {
      const rows = await read('SELECT * FROM suppressions WHERE key = ? ORDER BY list', key);
      return rows.map((row) => ({ ...row, list: row.list || null }) as unknown as Suppression);
    },
    async suppress(suppression, how) {
      await grouped(async (tx) => {
        await suppressIn(tx, suppression, how);
        return true;
      });
    },
    async allSuppressions() {
      const rows = await read('SELECT key, list, reason, at FROM suppressions ORDER BY key, list');
      return rows.map(({ key, list, reason, at }) => ({
        key: String(key),
        list: list === '' ? null : String(list),
        reason: reason as Suppression['reason'],
        at: String(at),
      }));
    },
    async suppressAll(all) {
      // In order: two that do the same would else wait for each other's rows on PostgreSQL, a second each time.
      const ordered = all.toSorted((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
      for (let from = 0; from < ordered.length; from += BATCH)
        await write(async (tx) => {
          for (const suppression of ordered.slice(from, from + BATCH)) await suppressIn(tx, suppression);
        });
    },
  };
}

/** Suppresses in a transaction that does more than that. */
export async function suppressIn(
  tx: Statements,
  { key, list, reason, at }: Suppression,
  how?: ConsentHow,
): Promise<void> {
  const added = await tx.run(
    'INSERT INTO suppressions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    key,
    list ?? '',
    reason,
    at,
  );
  if (how !== undefined && added > 0)
    await addConsents(tx, [{ at: Date.parse(at), key, list, act: 'left', how, source: '', wording: '' }]);
  // Not left to the next claim or gate: one that has begun waits for these rows, and finds them taken. So when
  // this call has ended, no content is let go to this reader any more, on PostgreSQL either.
  await tx.run(
    `UPDATE deliveries SET state = 'suppressed', owner = NULL WHERE key = ? AND state IN ('queued', 'claimed')
     AND (? = '' OR ? = (SELECT list FROM campaigns WHERE id = deliveries.campaign_id))`,
    key,
    list ?? '',
    list ?? '',
  );
}
