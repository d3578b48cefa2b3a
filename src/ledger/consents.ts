import type { Consent } from '../audience/subscription.ts';
import type { Database, Row, Statements } from './database.ts';

/** The consent record. Nothing in it is ever changed, but that a reader who is erased is named by a keyed hash. */
export interface Consents {
  /** In the order in which they were recorded; `after` (an id) pages. */
  consents(after?: number, limit?: number): Promise<(Consent & { readonly id: number })[]>;
  consentsOf(key: string): Promise<Consent[]>;
  /** When readers last confirmed that they want to be on a list, by key. */
  confirmed(list: string): Promise<Map<string, number>>;
}

export function consents({ read }: Database): Consents {
  return {
    async consents(after = 0, limit = 1000) {
      const rows = await read('SELECT * FROM consents WHERE id > ? ORDER BY id LIMIT ?', after, limit);
      return rows.map((row) => ({ ...toConsent(row), id: Number(row.id) }));
    },
    consentsOf: async (key) =>
      (await read('SELECT * FROM consents WHERE key = ? ORDER BY id', key)).map(toConsent),
    async confirmed(list) {
      const rows = await read(
        "SELECT key, MAX(at) AS at FROM consents WHERE list = ? AND act IN ('confirmed', 'moved') GROUP BY key",
        list,
      );
      return new Map(rows.map(({ key, at }) => [String(key), Number(at)]));
    },
  };
}

/** Adds to the consent record, in the transaction of what was consented to. At most 1,000 at once. */
export async function addConsents(tx: Statements, added: readonly Consent[]): Promise<void> {
  if (added.length === 0) return;
  await tx.run(
    `INSERT INTO consents (at, key, list, act, how, source, wording)
     VALUES ${added.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
    ...added.flatMap(({ at, key, list, act, how, source, wording }) => [
      at,
      key,
      list,
      act,
      how,
      source,
      wording,
    ]),
  );
}

function toConsent({ at, key, list, act, how, source, wording }: Row): Consent {
  return { at, key, list, act, how, source, wording } as Consent;
}
