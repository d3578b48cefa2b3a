import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { LedgerError } from './ledger.ts';
import { start } from './migrations/1-start.ts';
import { receipts } from './migrations/2-receipts.ts';

/** A SQLite file with our schema, and the one way to write to it. */
export interface SqliteFile {
  readonly database: DatabaseSync;
  /** Runs `work` in one durable transaction, waiting for other writers; throws LedgerError and records nothing. */
  write<T>(work: () => T): Promise<T>;
  /** Runs a statement, inside `write` or alone; a fault of the file is a LedgerError. */
  read<T>(work: () => T): T;
  close(): void;
}

const MIGRATIONS = [start, receipts];

/** How long to wait for another writer before giving up, ms. */
const PATIENCE = 15_000;

/** Opens or makes the file, migrates it forward; refuses a newer one. `synchronous=FULL`: a commit is on the disk. */
export async function openSqlite(path: string): Promise<SqliteFile> {
  const database = await open(path);
  const inode = statSync(path).ino;

  const read = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      // Inside a transaction `write` tells what happened.
      if (database.isTransaction) throw error;
      throw new LedgerError(`The ledger ${path} cannot be read: ${(error as Error).message}.`);
    }
  };

  const write = async <T>(work: () => T): Promise<T> => {
    const until = performance.now() + PATIENCE;
    for (;;) {
      // node:sqlite goes on writing into a deleted file in silence: such a ledger would forget everything.
      if (statSync(path, { throwIfNoEntry: false })?.ino !== inode)
        throw new LedgerError(
          `The ledger ${path} was deleted or replaced while in use. Nothing more is sent.`,
        );
      try {
        database.exec('BEGIN IMMEDIATE');
      } catch (error) {
        if (!isBusy(error) || performance.now() > until)
          throw new LedgerError(`The ledger ${path} is locked: ${(error as Error).message}.`);
        await sleep(5 + (performance.now() % 20));
        continue;
      }
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        if (error instanceof LedgerError) throw error;
        throw new LedgerError(`The ledger ${path} cannot be written: ${(error as Error).message}.`);
      }
    }
  };

  try {
    const version = () =>
      (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
    if (version() > MIGRATIONS.length)
      throw new LedgerError(
        `The ledger ${path} was written by a newer Broadsheet (its version is ${version()}, ours ${MIGRATIONS.length}). Update Broadsheet.`,
      );
    await write(() => {
      // Read again inside: another process may have migrated it meanwhile.
      for (let next = version(); next < MIGRATIONS.length; next += 1)
        database.exec(`${MIGRATIONS[next]}; PRAGMA user_version = ${next + 1}`);
    });
  } catch (error) {
    database.close();
    throw error;
  }
  return { database, write, read, close: () => database.close() };
}

/** Opens the file and switches it to WAL, which needs it alone for a moment: ten senders may start at once. */
async function open(path: string): Promise<DatabaseSync> {
  const until = performance.now() + PATIENCE;
  for (;;) {
    let database: DatabaseSync | null = null;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Addresses stand in it: for this user alone. SQLite gives its side files the same mode.
      if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
      // A short wait: SQLite's own blocks the event loop and is unfair (3 s of starvation were seen).
      database = new DatabaseSync(path, { timeout: 20 });
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
      return database;
    } catch (error) {
      database?.close();
      if (!isBusy(error) || performance.now() > until)
        throw new LedgerError(
          `The ledger ${path} cannot be opened: ${(error as Error).message}. Check that its folder can be written.`,
        );
    }
    await sleep(5 + (performance.now() % 20));
  }
}

function isBusy(error: unknown): boolean {
  return /locked|busy/i.test(String((error as Error).message));
}
