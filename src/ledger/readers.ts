import { addConsents } from './consents.ts';
import { type Database, first, type Row, type Statements } from './database.ts';
import { putSubscriptions } from './subscriptions.ts';
import { suppressIn } from './suppressions.ts';

/** A list that a reader is or was on. */
export interface Membership {
  readonly list: string;
  readonly address: string;
  readonly fields: Readonly<Record<string, string>>;
  /** No suppression keeps them from it. */
  readonly active: boolean;
}

/** One reader, seen through all that is known of them: deliveries of any campaign, and subscriptions. */
export interface Readers {
  /** To whom a delivery went; a link in a mail names it. Null: there is none. */
  delivery(id: number): Promise<{
    readonly id: number;
    readonly campaignId: string;
    readonly list: string;
    readonly key: string;
    readonly address: string;
    readonly fields: Readonly<Record<string, string>>;
  } | null>;
  /** Lists that they subscribed to here or had mail of, by name. Who is in a list's file alone is not known yet. */
  memberships(key: string): Promise<Membership[]>;
  /** Changes fields of a reader, on every list that they are on; those that are not named stay. */
  setFields(key: string, fields: Readonly<Record<string, string>>, now: number): Promise<void>;
  /** All that is kept about a reader, as plain data. */
  dataOf(key: string): Promise<Readonly<Record<string, readonly object[]>>>;
  /**
   * Deletes all that names a reader. `name`, a keyed hash, stays in place of their key, suppressed on all lists: rows
   * of deliveries must go on adding up, and nobody may bring the reader back but by their own confirmation.
   */
  erase(key: string, name: string, now: number): Promise<void>;
}

export function readers({ read, write }: Database): Readers {
  return {
    async delivery(id) {
      const row = first(
        await read(
          `SELECT d.id, d.campaign_id, d.key, d.address, d.fields, c.list
           FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id WHERE d.id = ?`,
          id,
        ),
      );
      if (!row) return null;
      const { campaign_id, key, address, fields, list } = row;
      return { id, campaignId: campaign_id, key, address, fields: JSON.parse(String(fields)), list } as never;
    },
    memberships: (key) => membershipsIn({ all: read, run: async () => 0 }, key),
    setFields: (key, fields, now) =>
      write(async (tx) => {
        const places = (await membershipsIn(tx, key)).filter(({ active }) => active);
        await putSubscriptions(
          tx,
          places.map((place) => ({ ...place, key, fields: { ...place.fields, ...fields }, since: now })),
        );
      }),
    async dataOf(key) {
      const of = async (text: string) => (await read(text, key)).map(readable);
      return {
        subscriptions: await of(
          'SELECT list, address, fields, since FROM subscriptions WHERE key = ? ORDER BY id',
        ),
        suppressions: await of('SELECT list, reason, at FROM suppressions WHERE key = ? ORDER BY list'),
        consents: await of(
          'SELECT at, list, act, how, source, wording FROM consents WHERE key = ? ORDER BY id',
        ),
        confirmations: await of(
          `SELECT purpose, address, lists, fields, how, source, wording, asked_at, expires_at, used_at
           FROM confirmations WHERE key = ? ORDER BY id`,
        ),
        deliveries: await of(
          `SELECT d.slug, c.list, d.address, d.fields, d.state, d.date, d.reply
           FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id WHERE d.key = ? ORDER BY d.id`,
        ),
      };
    },
    erase: (key, name, now) =>
      write(async (tx) => {
        // First as what they are: whatever is under way to them is stopped by it.
        await suppressIn(tx, { key, list: null, reason: 'left', at: new Date(now).toISOString() });
        // Who came back and is erased a second time may have the name in this issue already.
        await tx.run(
          `UPDATE deliveries SET address = '', fields = '{}', reply = '', key = CASE
             WHEN EXISTS (SELECT 1 FROM deliveries o WHERE o.slug = deliveries.slug AND o.key = ?)
             THEN CAST(? AS TEXT) || '#' || CAST(id AS TEXT) ELSE ? END WHERE key = ?`,
          name,
          name,
          name,
          key,
        );
        await tx.run('DELETE FROM subscriptions WHERE key = ?', key);
        await tx.run('DELETE FROM confirmations WHERE key = ? OR moved_from = ?', key, key);
        await tx.run('UPDATE consents SET key = ? WHERE key = ?', name, key);
        const at = new Date(now).toISOString();
        await tx.run('DELETE FROM suppressions WHERE key = ?', key);
        await tx.run("INSERT INTO suppressions VALUES (?, '', 'left', ?) ON CONFLICT DO NOTHING", name, at);
        await addConsents(tx, [
          { at: now, key: name, list: null, act: 'erased', how: 'preferences', source: '', wording: '' },
        ]);
      }),
  };
}

/** A row as its reader may read it: instants in ISO 8601, and no JSON within JSON. */
function readable(row: Row): object {
  const said = Object.entries(row).map(([name, value]) => {
    if (name === 'fields' || name === 'lists') return [name, JSON.parse(String(value))];
    return [name, typeof value === 'number' ? new Date(value).toISOString() : value];
  });
  return Object.fromEntries(said);
}

/** The lists of a reader, within a transaction or without one. */
export async function membershipsIn(tx: Statements, key: string): Promise<Membership[]> {
  const blocked = new Set(
    (await tx.all('SELECT list FROM suppressions WHERE key = ?', key)).map(({ list }) => String(list)),
  );
  const places = new Map<string, Membership>();
  // What was mailed last comes after, and what the reader said here last of all.
  for (const { list, address, fields } of [
    ...(await tx.all(
      `SELECT c.list, d.address, d.fields FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id
       WHERE d.key = ? ORDER BY d.id`,
      key,
    )),
    ...(await tx.all('SELECT list, address, fields FROM subscriptions WHERE key = ?', key)),
  ])
    places.set(String(list), {
      list: String(list),
      address: String(address),
      fields: JSON.parse(String(fields)),
      active: !blocked.has('') && !blocked.has(String(list)),
    });
  return [...places.values()].sort((one, other) => (one.list < other.list ? -1 : 1));
}
