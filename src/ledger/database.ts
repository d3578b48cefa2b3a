/** What a statement takes for each `?`, and gives in a row. Instants are whole ms since 1970. */
export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** Statements of one transaction, or of none. SQL is written once, with `?`, in what SQLite and PostgreSQL share. */
export interface Statements {
  /** The rows of a statement. */
  all(text: string, ...values: readonly Value[]): Promise<Row[]>;
  /** Runs a statement; gives how many rows it changed. */
  run(text: string, ...values: readonly Value[]): Promise<number>;
}

/**
 * What the ledger needs of a database; a driver holds only the difference. Every method throws LedgerError when the
 * database cannot be used: then nothing of the call was recorded.
 */
export interface Database {
  /** Reads what is committed. */
  read(text: string, ...values: readonly Value[]): Promise<Row[]>;
  /**
   * Runs `work` in one durable transaction, which waits for other writers; what `work` throws undoes it. `work` awaits
   * nothing but its statements, and may be run again from the start when the database asks for it.
   */
  write<T>(work: (tx: Statements) => Promise<T>): Promise<T>;
  /** Said of rows that are about to be claimed: another claim passes over them and does not wait. */
  readonly passOverLocked: '' | 'FOR UPDATE SKIP LOCKED';
  /**
   * The clock by which senders are told dead or alive: of machines that share a database no two clocks agree, so the
   * database's own counts. `now` is this process's.
   */
  clock(tx: Statements, now: number): Promise<number>;
  /** The clock is this machine's, which may be set. */
  readonly ownClock: boolean;
  close(): Promise<void>;
}

/** The first row, or null. */
export function first(rows: readonly Row[]): Row | null {
  return rows[0] ?? null;
}
