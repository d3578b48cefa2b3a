import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Row, Statements } from '../database.ts';
import { LedgerBusy, LedgerError } from '../ledger.ts';
import { MIGRATIONS } from '../migrations/migrations.ts';
import { type Epoch, openEpoch, refuseMissing } from './open-epoch.ts';

/** How long to wait for another writer before giving up, ms. */
const PATIENCE = 15_000;

/**
 * Opens or makes a SQLite file and migrates it forward; refuses a newer one. `synchronous=FULL`: a commit is on the
 * disk. One connection writes, one transaction at a time; another reads, and so sees only what is committed.
 */
export async function openSqlite(path: string): Promise<Database> {
  refuseMissing(path);
  const writer = await open(path, false);
  const inode = statSync(path).ino;
  const tx = statements(writer);
  let epoch = null as Epoch | null;

  const begin = async () => {
    const until = performance.now() + PATIENCE;
    for (;;) {
      // node:sqlite goes on writing into a deleted file in silence: such a ledger would forget everything.
      if (statSync(path, { throwIfNoEntry: false })?.ino !== inode)
        throw new LedgerError(
          `The ledger ${path} was deleted or replaced while in use. Nothing more is sent.`,
        );
      try {
        // A plain BEGIN fails as busy at its first write, whatever the timeout.
        return writer.exec('BEGIN IMMEDIATE');
      } catch (error) {
        if (!isBusy(error) || performance.now() > until)
          throw new LedgerBusy(`The ledger ${path} is locked: ${(error as Error).message}.`);
        await sleep(5 + (performance.now() % 20));
      }
    }
  };
  const transaction = async <T>(work: (tx: Statements) => Promise<T>): Promise<T> => {
    await begin();
    try {
      const result = await work(tx);
      epoch?.count();
      writer.exec('COMMIT');
      epoch?.committed();
      return result;
    } catch (error) {
      if (writer.isTransaction) writer.exec('ROLLBACK');
      if (error instanceof LedgerError) throw error;
      const Fault = mayPass(error) ? LedgerBusy : LedgerError;
      throw new Fault(`The ledger ${path} cannot be written: ${(error as Error).message}.`);
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const write: Database['write'] = (work) => {
    const turn = last.then(() => transaction(work));
    last = turn.catch(() => {});
    return turn;
  };

  let reader: DatabaseSync;
  try {
    await migrate(path, writer, write);
    // Alone, so that what is counted and what is kept are of one moment.
    await write(async () => {
      epoch = openEpoch(path, writer);
    });
    reader = await open(path, true);
  } catch (error) {
    epoch?.close();
    writer.close();
    throw error;
  }
  const reading = statements(reader);
  return {
    async read(text, ...values) {
      try {
        return await reading.all(text, ...values);
      } catch (error) {
        throw new LedgerError(`The ledger ${path} cannot be read: ${(error as Error).message}.`);
      }
    },
    write,
    passOverLocked: '',
    clock: async (_, now) => now,
    ownClock: true,
    async close() {
      await last;
      reader.close();
      // The last to close takes the files beside it away.
      writer.close();
      epoch?.close();
    },
  };
}

/** The statements of a connection, each prepared once. */
function statements(database: DatabaseSync): Statements {
  const prepared = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const known = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, known);
    return known;
  };
  return {
    all: async (text, ...values) => sql(text).all(...values) as Row[],
    run: async (text, ...values) => Number(sql(text).run(...values).changes),
  };
}

async function migrate(path: string, database: DatabaseSync, write: Database['write']): Promise<void> {
  const version = () =>
    (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  if (version() > MIGRATIONS.length)
    throw new LedgerError(
      `The ledger ${path} was written by a newer Broadsheet (its version is ${version()}, ours ${MIGRATIONS.length}). Update Broadsheet.`,
    );
  if (version() === MIGRATIONS.length) return;
  await write(async () => {
    // Read again inside: another process may have migrated it meanwhile.
    for (let next = version(); next < MIGRATIONS.length; next += 1)
      database.exec(`${MIGRATIONS[next]}; PRAGMA user_version = ${next + 1}`);
  });
}

/** Opens the file; the writer switches it to WAL, which needs it alone for a moment: ten senders may start at once. */
async function open(path: string, readOnly: boolean): Promise<DatabaseSync> {
  const until = performance.now() + PATIENCE;
  for (;;) {
    let database: DatabaseSync | null = null;
    try {
      if (!readOnly) make(path);
      // A short wait: SQLite's own blocks the event loop and is unfair (3 s of starvation were seen).
      database = new DatabaseSync(path, { timeout: 20, readOnly });
      if (!readOnly)
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

/** Addresses stand in it: for this user alone. SQLite gives its side files the same mode. */
function make(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
}

/** SQLITE_FULL and SQLITE_IOERR: room can be made, and a disk may answer again. */
function mayPass(error: unknown): boolean {
  return [13, 10].includes(Number((error as { errcode?: number }).errcode) & 0xff);
}

function isBusy(error: unknown): boolean {
  return /locked|busy/i.test(String((error as Error).message));
}
