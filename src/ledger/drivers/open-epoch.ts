import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../ledger.ts';

/** How often a SQLite ledger was written: counted in it, and kept beside it. */
export interface Epoch {
  /** Counts the open transaction, if it has changed anything. */
  count(): void;
  /** What was counted is committed. */
  committed(): void;
  close(): void;
}

/** The file beside the ledger, for example `ledger.epoch`. A backup must leave it out, or it proves nothing. */
export function epochFile(path: string): string {
  return `${path.replace(/\.sqlite$/, '')}.epoch`;
}

/** Where a ledger was written, none is made anew: everybody would be mailed again. Throws LedgerError. */
export function refuseMissing(path: string): void {
  if (existsSync(path) || kept(path) === 0) return;
  throw new LedgerError(
    `The ledger ${path} is gone, so nobody knows who was mailed. Nothing is sent. Put it back. ` +
      `If nothing was ever sent, delete ${epochFile(path)}.`,
  );
}

/**
 * Refuses, with a LedgerError, a ledger that was written less often than the number beside it says: an old copy, which
 * has forgotten whom it mailed since.
 *
 * The number is written after the commit. A sender that is killed in between leaves the ledger ahead of it, which is no
 * fault; and since a commit is on the disk before the number is written, a power cut does no more. Of two senders at
 * once the slower may put it back by one, until the next commit. To be opened inside a transaction.
 */
export function openEpoch(path: string, database: DatabaseSync): Epoch {
  database.exec('CREATE TABLE IF NOT EXISTS epoch (n INTEGER NOT NULL) STRICT');
  const beside = kept(path);
  const written = Number(database.prepare('SELECT MAX(n) AS n FROM epoch').get()!.n);
  if (written < beside)
    throw new LedgerError(
      `The ledger ${path} is an old copy: it was written ${written} times, the one that was here ${beside} times. ` +
        'Whoever was mailed in between would get it again, so nothing is sent. Put the newest one back. ' +
        `If you are sure that nobody was, delete ${epochFile(path)}.`,
    );
  const next = database.prepare(
    'INSERT INTO epoch (rowid, n) VALUES (1, 1) ON CONFLICT (rowid) DO UPDATE SET n = n + 1 RETURNING n',
  );
  const changes = database.prepare('SELECT total_changes() AS n');
  const changed = () => Number(changes.get()!.n);
  const file = openSync(epochFile(path), constants.O_RDWR | constants.O_CREAT, 0o600);
  // In place and always as long: it takes no room on a disk that has become full.
  const keep = (n: number) => writeSync(file, `${String(n).padStart(16)}\n`, 0);
  if (beside === 0) keep(written);
  let before = changed();
  let counted = 0;
  return {
    count() {
      counted = changed() === before ? 0 : Number(next.get()!.n);
      before = changed();
    },
    committed() {
      if (counted > 0) keep(counted);
    },
    close: () => closeSync(file),
  };
}

/** 0: there is none, or it is empty, as a power cut may leave it. */
function kept(path: string): number {
  const file = epochFile(path);
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) || 0 : 0;
}
