import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterAll } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

/** Where the ledger of a project is kept. */
export interface Kept {
  /** What tells the commands of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Looks into the ledger as it lies, without touching it: what was left is for the next sender to find. */
  look<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
  /** Runs statements on it, from aside. */
  run(sql: string): Promise<void>;
  /** Lets nobody write until the returned function is called; throws when somebody does. */
  lock(): Promise<() => Promise<void>>;
}

export interface LedgerDatabase {
  readonly name: string;
  /** Statements after which the ledger takes no reply, as on a disk that is full; and that mend it. */
  readonly full: string;
  readonly mended: string;
  /** For the project in this folder. */
  keep(root: string): Promise<Kept>;
}

export const fileOf = (root: string) => join(root, '.broadsheet', 'ledger.sqlite');

const sqlite: LedgerDatabase = {
  name: 'SQLite',
  full: `CREATE TRIGGER disk_full BEFORE UPDATE ON deliveries WHEN NEW.state = 'accepted'
    AND (SELECT COUNT(*) FROM deliveries WHERE state = 'accepted') >= 10
    BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
  mended: 'DROP TRIGGER disk_full',
  keep: async (root) => ({
    environment: {},
    async run(sql) {
      const database = new DatabaseSync(fileOf(root), { timeout: 10_000 });
      database.exec(sql);
      database.close();
    },
    async lock() {
      const database = new DatabaseSync(fileOf(root), { timeout: 500 });
      try {
        database.exec('BEGIN IMMEDIATE');
      } catch (error) {
        database.close();
        throw error;
      }
      return async () => {
        database.exec('ROLLBACK');
        database.close();
      };
    },
    async look(work) {
      const folder = mkdtempSync(join(tmpdir(), 'broadsheet-look-'));
      const path = join(folder, 'ledger.sqlite');
      for (const end of ['', '-wal']) {
        if (existsSync(fileOf(root) + end)) copyFileSync(fileOf(root) + end, path + end);
      }
      const ledger = await openLedger(path);
      try {
        return await work(ledger);
      } finally {
        await ledger.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  }),
};

/** A ledger in one database of a server. */
export function postgresAt({ query }: Postgres, url: string): LedgerDatabase {
  return {
    ...postgres,
    keep: async () => ({
      environment: { DATABASE_URL: url },
      run: async (sql) => void (await query(url, `SET search_path = broadsheet; ${sql}`)),
      async lock() {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        try {
          await client.query("BEGIN; SET lock_timeout = '500ms'; LOCK TABLE broadsheet.deliveries");
        } catch (error) {
          await client.end();
          throw error;
        }
        return () => client.end();
      },
      async look(work) {
        const ledger = await openLedger(url);
        try {
          return await work(ledger);
        } finally {
          await ledger.close();
        }
      },
    }),
  };
}

/** One server for each test file, started when it is first asked for. */
let server: Promise<Postgres> | null = null;
afterAll(async () => (await server)?.stop());

const postgres: LedgerDatabase = {
  name: 'PostgreSQL',
  full: `CREATE FUNCTION broadsheet.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT COUNT(*) FROM broadsheet.deliveries WHERE state = 'accepted') >= 10 THEN
      RAISE EXCEPTION 'disk full' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER disk_full BEFORE UPDATE ON broadsheet.deliveries
    FOR EACH ROW WHEN (NEW.state = 'accepted') EXECUTE FUNCTION broadsheet.refuse()`,
  mended: 'DROP TRIGGER disk_full ON broadsheet.deliveries',
  async keep(root) {
    server ??= startPostgres();
    const started = await server;
    return postgresAt(started, await started.database()).keep(root);
  },
};

/** Every test of this folder that is about a ledger is run on each. */
export const databases: readonly LedgerDatabase[] = [sqlite, postgres];
