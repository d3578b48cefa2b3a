import { campaigns } from './campaigns.ts';
import { confirmations } from './confirmations.ts';
import { consents } from './consents.ts';
import { deliveries } from './deliveries.ts';
import { groupCommit } from './group-commit.ts';
import { history } from './history.ts';
import type { Ledger } from './ledger.ts';
import { places } from './places.ts';
import { readers } from './readers.ts';
import { receipts } from './receipts.ts';
import { reports } from './reports.ts';
import { senders } from './senders.ts';
import { subscriptions } from './subscriptions.ts';
import { suppressions } from './suppressions.ts';
import { type ProcessIdentity, thisProcess } from './this-process.ts';

/**
 * Opens the ledger at `place`, a `postgres://` address or the path of a SQLite file; `identity` names this sender in
 * every row that it holds. Throws LedgerError.
 */
export async function openLedger(place: string, identity: ProcessIdentity = thisProcess()): Promise<Ledger> {
  // Each driver is loaded only where it is used.
  const database = /^postgres(?:ql)?:\/\//.test(place)
    ? await (await import('./drivers/open-postgres.ts')).openPostgres(place)
    : await (await import('./drivers/open-sqlite.ts')).openSqlite(place);
  const sender = senders(database, identity);
  const grouped = groupCommit(database.write);
  return {
    ...campaigns(database, identity),
    ...deliveries(database, identity, grouped),
    ...history(database),
    ...places(database, identity, grouped),
    ...sender,
    ...suppressions(database),
    ...receipts(database),
    ...readers(database),
    ...subscriptions(database),
    ...confirmations(database),
    ...consents(database),
    ...reports(database),
    async close() {
      try {
        await sender.leave();
      } finally {
        await database.close();
      }
    },
  };
}
