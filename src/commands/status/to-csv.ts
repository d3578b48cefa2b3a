import { csvRecord } from '../../audience/csv-cell.ts';
import type { Campaign } from '../../campaign/campaign.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { eachDelivery } from './each-delivery.ts';

const HEADER = [
  'campaign', 'issue', 'list', 'address', 'state', 'tries', 'code', 'enhanced', 'reply', 'begun', 'settled', 'due',
]; // biome-ignore format: a table

/** Every delivery of these campaigns as CSV (RFC 4180), in pieces of many lines; what servers said runs in no spreadsheet. */
export async function* toCsv(ledger: Ledger, campaigns: readonly Campaign[]): AsyncGenerator<string> {
  const lines = (records: readonly string[][]) =>
    records.map((record) => `${csvRecord(record)}\r\n`).join('');
  yield lines([HEADER]);
  for (const { id, slug, list } of campaigns)
    for await (const page of eachDelivery(ledger, id))
      yield lines(
        page.map(({ address, state, tries, code, enhanced, reply, begunAt, settledAt, dueAt }) => [
          id,
          slug,
          list,
          address,
          state,
          String(tries),
          code ? String(code) : '',
          enhanced ?? '',
          reply,
          iso(begunAt),
          iso(settledAt),
          state === 'queued' ? iso(dueAt) : '',
        ]),
      );
}

function iso(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}
