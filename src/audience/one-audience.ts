import type { ListRow, Subscriber } from './audience.ts';

/** Who subscribed in the ledger; the ledger itself is one. */
export interface Subscribed {
  /** Of a list, by id; `after` pages. */
  subscriptions(
    list: string,
    after?: number,
    limit?: number,
  ): Promise<readonly (Subscriber & { id: number })[]>;
  /** Those of these keys, at most 1,000. */
  subscribedAmong(list: string, keys: readonly string[]): Promise<readonly Subscriber[]>;
}

const BATCH = 500;

/**
 * A list's file and its subscriptions in the ledger as one audience: first the file's rows in their order, then who is in
 * the ledger alone (line 0). Who is in both is one subscriber: what the ledger holds, an empty value too, wins field by
 * field over the file, for it is what the reader said last and themselves; what the author alone knows stays. Null: there
 * is no file, or no ledger.
 */
export async function* oneAudience(
  list: string,
  rows: AsyncIterable<ListRow> | null,
  ledger: Subscribed | null,
): AsyncGenerator<ListRow> {
  const first = ledger ? await ledger.subscriptions(list, 0, BATCH) : [];
  if (ledger === null || first.length === 0) {
    if (rows) yield* rows;
    return;
  }
  /** Who is in both. */
  const both = new Set<string>();
  if (rows)
    for await (const batch of batches(rows)) {
      const keys = batch.flatMap((row) => ('subscriber' in row ? [row.subscriber.key] : []));
      const known = new Map(
        (await ledger.subscribedAmong(list, [...new Set(keys)])).map((one) => [one.key, one]),
      );
      for (const row of batch) {
        const own = 'subscriber' in row ? known.get(row.subscriber.key) : undefined;
        if (own === undefined || !('subscriber' in row)) yield row;
        else {
          both.add(own.key);
          const { key, address, fields } = own;
          yield {
            subscriber: { key, address, fields: { ...row.subscriber.fields, ...fields } },
            line: row.line,
          };
        }
      }
    }
  for (let page = first; page.length > 0; page = await ledger.subscriptions(list, page.at(-1)!.id, BATCH))
    for (const { key, address, fields } of page)
      if (!both.has(key)) yield { subscriber: { key, address, fields }, line: 0 };
}

async function* batches(rows: AsyncIterable<ListRow>): AsyncGenerator<ListRow[]> {
  let batch: ListRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
