import type { Database, Row } from './database.ts';

/** A delivery, as far as a report about it needs to know. */
export interface ReportedDelivery {
  readonly id: number;
  readonly key: string;
  readonly campaignId: string;
  readonly list: string;
}

/** A report that was handled, and whom it counted a soft bounce for. */
export interface HandledReport {
  /** The same when it comes again. */
  readonly id: string;
  readonly at: number;
  /** Names of readers: keyed hashes. */
  readonly soft: readonly string[];
}

/** What came back, so that each report is handled once, by whichever process it comes to. */
export interface Reports {
  /** Which of these were handled. */
  handledReports(ids: readonly string[]): Promise<Set<string>>;
  /** Handled once, all in one transaction; of the same report told twice the first stays. */
  handleReports(reports: readonly HandledReport[]): Promise<void>;
  /** How many reports since an instant, but for those `except`, counted a soft bounce for the reader of any of these names. */
  softBounces(names: readonly string[], since: number, except?: readonly string[]): Promise<number>;
  /** Every delivery to a reader, of all campaigns, whose content ever began to leave; the latest last. */
  deliveriesTo(key: string): Promise<ReportedDelivery[]>;
  /** The same to anybody, the latest first, a page at a time: those before this id. */
  begunDeliveries(before?: number): Promise<ReportedDelivery[]>;
}

export function reports({ read, write }: Database): Reports {
  const marks = (values: readonly string[]) => values.map(() => '?').join(', ');
  return {
    async handledReports(ids) {
      if (ids.length === 0) return new Set();
      const rows = await read(`SELECT DISTINCT id FROM reports WHERE id IN (${marks(ids)})`, ...ids);
      return new Set(rows.map(({ id }) => String(id)));
    },
    handleReports: (all) =>
      write(async (tx) => {
        // In order: two processes with the same mailbox would else wait for each other's rows on PostgreSQL, a second each time.
        for (const { id, at, soft } of all.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
          for (const name of soft.length > 0 ? soft : [''])
            await tx.run('INSERT INTO reports VALUES (?, ?, ?) ON CONFLICT DO NOTHING', id, name, at);
      }),
    async softBounces(names, since, except = []) {
      if (names.length === 0) return 0;
      // No report is named so: a list in SQL must not be empty.
      const left = ['', ...except];
      const [row] = await read(
        `SELECT COUNT(DISTINCT id) AS count FROM reports WHERE soft IN (${marks(names)}) AND soft <> '' AND at > ?
         AND id NOT IN (${marks(left)})`,
        ...names,
        since,
        ...left,
      );
      return Number(row!.count);
    },
    async deliveriesTo(key) {
      return (await read(`${BEGUN} AND d.key = ? ORDER BY d.id`, key)).map(toDelivery);
    },
    async begunDeliveries(before = Number.MAX_SAFE_INTEGER) {
      return (await read(`${BEGUN} AND d.id < ? ORDER BY d.id DESC LIMIT ${PAGE}`, before)).map(toDelivery);
    },
  };
}

/**
 * Whatever state they came to: mail that was resent or cancelled afterwards may have come all the same. By id, for a search
 * by campaign and state sorts the whole campaign for each page.
 */
const BEGUN = `SELECT d.id, d.key, d.campaign_id, c.list FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id
  WHERE d.begun_at IS NOT NULL`;

const PAGE = 5000;

function toDelivery({ id, key, campaign_id, list }: Row): ReportedDelivery {
  return { id: Number(id), key: String(key), campaignId: String(campaign_id), list: String(list) };
}
