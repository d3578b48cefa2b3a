import type { Consent, Subscription } from '../audience/subscription.ts';
import { addConsents } from './consents.ts';
import { type Database, first, type Row, type Statements } from './database.ts';

/** Who is on a list besides those in its file. A suppression wins over each of them. */
export interface Subscriptions {
  /** Of a list, by id; `after` pages. */
  subscriptions(list: string, after?: number, limit?: number): Promise<Subscription[]>;
  subscriptionsOf(key: string): Promise<Subscription[]>;
  subscription(id: number): Promise<Subscription | null>;
  /** Those of these keys that are on the list already; at most 1,000 keys. */
  subscribedAmong(list: string, keys: readonly string[]): Promise<Subscription[]>;
  /**
   * Records subscriptions, at most 1,000 and each reader once, with the consent that each rests on, in one transaction. Who is on the list
   * already gets the new address and fields. It lifts no suppression: only a reader's own confirmation does.
   */
  subscribe(
    added: readonly Omit<Subscription, 'id'>[],
    consent: Pick<Consent, 'act' | 'how' | 'source' | 'wording'>,
  ): Promise<void>;
  /** Takes a reader off a list; false: they were not on it. Who shall stay away is to be suppressed. */
  unsubscribe(list: string, key: string): Promise<boolean>;
}

export function subscriptions({ read, write }: Database): Subscriptions {
  return {
    async subscriptions(list, after = 0, limit = 1000) {
      const rows = await read(
        'SELECT * FROM subscriptions WHERE list = ? AND id > ? ORDER BY id LIMIT ?',
        list,
        after,
        limit,
      );
      return rows.map(toSubscription);
    },
    subscriptionsOf: async (key) =>
      (await read('SELECT * FROM subscriptions WHERE key = ? ORDER BY list', key)).map(toSubscription),
    async subscription(id) {
      const row = first(await read('SELECT * FROM subscriptions WHERE id = ?', id));
      return row && toSubscription(row);
    },
    async subscribedAmong(list, keys) {
      if (keys.length === 0) return [];
      const marks = keys.map(() => '?').join(', ');
      const rows = await read(
        `SELECT * FROM subscriptions WHERE list = ? AND key IN (${marks})`,
        list,
        ...keys,
      );
      return rows.map(toSubscription);
    },
    subscribe: (added, consent) =>
      write(async (tx) => {
        await putSubscriptions(tx, added);
        await addConsents(
          tx,
          added.map(({ key, list, since }) => ({ ...consent, key, list, at: since })),
        );
      }),
    unsubscribe: (list, key) =>
      write(
        async (tx) => (await tx.run('DELETE FROM subscriptions WHERE list = ? AND key = ?', list, key)) === 1,
      ),
  };
}

/** Inserts or brings up to date, in the transaction of what it rests on. */
export async function putSubscriptions(
  tx: Statements,
  added: readonly Omit<Subscription, 'id'>[],
): Promise<void> {
  if (added.length === 0) return;
  await tx.run(
    `INSERT INTO subscriptions (list, key, address, fields, since)
     VALUES ${added.map(() => '(?, ?, ?, ?, ?)').join(', ')}
     ON CONFLICT (list, key) DO UPDATE SET address = excluded.address, fields = excluded.fields`,
    ...added.flatMap(({ list, key, address, fields, since }) => [
      list,
      key,
      address,
      JSON.stringify(fields),
      since,
    ]),
  );
}

export function toSubscription({ id, list, key, address, fields, since }: Row): Subscription {
  return { id, list, key, address, fields: JSON.parse(String(fields)), since } as Subscription;
}
