import type { Subscriber } from '../../audience/audience.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type ImportPlan, newsOf } from './plan-import.ts';

/** As many as are recorded in one transaction. */
const BATCH = 500;

/** What becomes of everybody of a plan as subscriptions of a list, in batches: who is to be recorded, and how each counts. */
export async function* intoLedger(
  ledger: Ledger | null,
  list: string,
  plan: ImportPlan,
): AsyncGenerator<
  { readonly key: string; readonly outcome: 'new' | 'updated' | 'unchanged'; readonly put: Subscriber }[]
> {
  for (const batch of batches(plan.all())) {
    const known =
      (await ledger?.subscribedAmong(
        list,
        batch.map(({ key }) => key),
      )) ?? [];
    const before = new Map(known.map((one) => [one.key, one]));
    yield batch.map((subscriber) => {
      const { key } = subscriber;
      const old = before.get(key);
      if (!old) return { key, outcome: 'new' as const, put: subscriber };
      const news = newsOf(subscriber.fields, old.fields);
      return {
        key,
        outcome: news ? ('updated' as const) : ('unchanged' as const),
        put: { key, address: old.address, fields: { ...old.fields, ...news } },
      };
    });
  }
}

/** Records everybody of a plan who is new or changed; `source` says in the consent record which import it was. */
export async function recordInLedger(
  ledger: Ledger,
  list: string,
  plan: ImportPlan,
  source: string,
  now: number,
): Promise<void> {
  for await (const batch of intoLedger(ledger, list, plan)) {
    const added = batch
      .filter(({ outcome }) => outcome !== 'unchanged')
      .map(({ put }) => ({ ...put, list, since: now }));
    if (added.length > 0) await ledger.subscribe(added, { act: 'given', how: 'import', source, wording: '' });
  }
}

function* batches(all: Iterable<Subscriber>): Generator<Subscriber[]> {
  let batch: Subscriber[] = [];
  for (const one of all) {
    batch.push(one);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
