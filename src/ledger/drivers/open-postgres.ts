import pg from 'pg';
import type { Database, Row, Statements, Value } from '../database.ts';
import { LedgerBusy, LedgerError } from '../ledger.ts';
import { MIGRATIONS } from '../migrations/migrations.ts';

/** ms. A database that is silent for so long stops the sending; a lock that another holds is waited for less long. */
const TIMEOUTS = { connect: 10_000, query: 60_000, lock: 15_000 };

/** Deadlocks and the like pass when the transaction is run again. */
const AGAIN = ['40001', '40P01'];
const TRIES = 5;

/** Whole numbers come as numbers: instants and counts stay far below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig;

/**
 * Opens the ledger in a PostgreSQL database, in a schema `broadsheet` of its own, and migrates it forward; refuses a
 * newer one. A commit is on the disk, whatever the server's default is.
 */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    types,
    connectionTimeoutMillis: TIMEOUTS.connect,
    query_timeout: TIMEOUTS.query,
    keepAlive: true,
    application_name: 'broadsheet',
    // Before the connection is handed out: no statement can run without them.
    async onConnect(client: pg.ClientBase) {
      await client.query(
        `SET search_path = broadsheet; SET synchronous_commit = on; SET lock_timeout = ${TIMEOUTS.lock}`,
      );
    },
  } as pg.PoolConfig);
  // A connection that is lost must not end the process, neither an idle one nor between two statements of a
  // transaction, where nobody else listens: the next statement tells.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));

  const transaction = async <T>(work: (tx: Statements) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken = true;
    try {
      await client.query('BEGIN');
      const result = await work(statements(client));
      await client.query('COMMIT');
      broken = false;
      return result;
    } catch (error) {
      broken = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      throw error;
    } finally {
      // A connection in doubt is not used again.
      client.release(broken);
    }
  };
  const write: Database['write'] = async (work) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await transaction(work);
      } catch (error) {
        if (error instanceof LedgerError) throw error;
        if (!AGAIN.includes(codeOf(error)) || tries === TRIES) throw fault('written', error);
      }
    }
  };

  try {
    await migrate(pool, write);
  } catch (error) {
    await pool.end();
    throw error instanceof LedgerError ? error : fault('opened', error);
  }
  const reading = statements(pool);
  return {
    async read(text, ...values) {
      try {
        return await reading.all(text, ...values);
      } catch (error) {
        throw fault('read', error);
      }
    },
    write,
    passOverLocked: 'FOR UPDATE SKIP LOCKED',
    ownClock: false,
    async clock(tx) {
      const [row] = await tx.all(
        'SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint) AS now',
      );
      return Number(row!.now);
    },
    close: () => pool.end(),
  };
}

function statements(client: pg.Pool | pg.ClientBase): Statements {
  const query = (text: string, values: readonly Value[]) =>
    client.query<Record<string, Value>>({ ...prepared(text), values: [...values] });
  return {
    all: async (text, ...values) => (await query(text, values)).rows as Row[],
    run: async (text, ...values) => (await query(text, values)).rowCount ?? 0,
  };
}

const names = new Map<string, { readonly name: string; readonly text: string }>();

/** A statement under a name, so that the server parses it once a connection; `?` becomes `$1`, `$2` … */
function prepared(text: string): { readonly name: string; readonly text: string } {
  const known = names.get(text);
  if (known) return known;
  let parameters = 0;
  const named = {
    name: `s${names.size}`,
    text: text.replace(/\?/g, () => {
      parameters += 1;
      return `$${parameters}`;
    }),
  };
  names.set(text, named);
  return named;
}

/** In one transaction, under a lock: several processes may start at once on an empty database. */
async function migrate(pool: pg.Pool, write: Database['write']): Promise<void> {
  const schema = await pool.query("SELECT to_regclass('broadsheet.version') IS NOT NULL AS there");
  const version = async () =>
    Number((await pool.query('SELECT version FROM broadsheet.version')).rows[0]?.version ?? 0);
  const at = schema.rows[0].there ? await version() : 0;
  if (at > MIGRATIONS.length)
    throw new LedgerError(
      `The ledger in PostgreSQL was written by a newer Broadsheet (its version is ${at}, ours ${MIGRATIONS.length}). Update Broadsheet.`,
    );
  if (at === MIGRATIONS.length) return;
  await write(async (tx) => {
    await tx.run('SELECT pg_advisory_xact_lock(4711091125)');
    await tx.run('CREATE SCHEMA IF NOT EXISTS broadsheet');
    await tx.run('CREATE TABLE IF NOT EXISTS version (version BIGINT NOT NULL)');
    const [row] = await tx.all('SELECT version FROM version');
    for (let next = Number(row?.version ?? 0); next < MIGRATIONS.length; next += 1)
      for (const statement of toPostgres(MIGRATIONS[next]!)) await tx.run(statement);
    await tx.run(
      row ? 'UPDATE version SET version = ?' : 'INSERT INTO version VALUES (?)',
      MIGRATIONS.length,
    );
  });
}

/** A migration in PostgreSQL's words, a statement each. */
function toPostgres(migration: string): string[] {
  return migration
    .replace(/\bINTEGER PRIMARY KEY\b/g, 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY')
    .replace(/\bINTEGER\b/g, 'BIGINT')
    .replace(/\)\s*STRICT(?:, WITHOUT ROWID)?/g, ')')
    .split(';')
    .map((statement) => statement.trim())
    .filter(Boolean);
}

/** The network, or SQLSTATE classes 08 (connection), 53 (resources), 57 (operator), 40 (rollback), a lock not had. */
function mayPass(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(?:08|53|57|40|55P03)/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? '');
}

/** The database's words; the address, which may hold a password, is not among them. */
function fault(verb: string, error: unknown): LedgerError {
  const { message, errors } = error as Error & { errors?: Error[] };
  const Fault = mayPass(error) ? LedgerBusy : LedgerError;
  return new Fault(
    `The ledger in PostgreSQL cannot be ${verb}: ${message || errors?.[0]?.message || codeOf(error)}.`,
  );
}
