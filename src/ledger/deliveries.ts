import type { Delivery, DeliveryState } from '../campaign/campaign.ts';
import type { Transition } from '../campaign/settle.ts';
import { CAMPAIGN_STATE } from './campaigns.ts';
import { type Database, first, type Row, type Statements } from './database.ts';
import { gates } from './gates.ts';
import type { GroupCommit } from './group-commit.ts';
import { GIVE_BACK_HELD } from './places.ts';
import { IS_SUPPRESSED } from './suppressions.ts';
import type { ProcessIdentity } from './this-process.ts';

/** What becomes of each reader's message. Every change names the fence of its claim: a late one changes nothing. */
export interface Deliveries {
  /** Deliveries in these states, by id; `after` pages. */
  deliveries(
    campaignId: string,
    states: readonly DeliveryState[],
    after?: number,
    limit?: number,
  ): Promise<Delivery[]>;
  /**
   * Takes up to `limit` due rows for this sender, none of the domains in `except`; suppressed ones are marked so instead.
   * `after`: a row of an earlier claim, behind which alone is looked, so as not to pass over half a million each time.
   */
  claim(
    campaignId: string,
    now: number,
    limit: number,
    except?: readonly string[],
    after?: Delivery | null,
  ): Promise<Delivery[]>;
  /**
   * The gate: `sending` is durable when it resolves to true, and its place under the limits used. False: suppressed,
   * paused, or no longer ours.
   */
  markSending(delivery: Delivery, date: number, now: number, place?: number | null): Promise<boolean>;
  /**
   * Records an outcome under the delivery's fence; a place that it did not use is free again, a dead address suppressed on
   * all lists. False: it was no longer ours, nothing changed.
   */
  settle(delivery: Delivery, transition: Transition, now: number, place?: number | null): Promise<boolean>;
  /** Queues again what was rejected, unless it has been changed since. */
  putBack(deliveries: readonly Delivery[], now: number): Promise<void>;
  /** What waits for an instant later than `latest`, which only a clock that was wrong can have set, is due now. */
  hasten(campaignId: string, now: number, latest: number): Promise<void>;
  /** Gives back the rows that this sender claimed, none of which was begun. */
  release(campaignId: string): Promise<void>;
  /** What becomes of uncertain rows; gives how many there were. Those of a cancelled campaign are never sent again. */
  resolve(campaignId: string, how: 'resend' | 'accept', now: number): Promise<number>;
  /**
   * Queues those of these deliveries again that were rejected, as if never tried; gives how many. Suppressed readers stay
   * rejected, and so does everybody in a cancelled campaign.
   */
  retry(campaignId: string, ids: readonly number[], now: number): Promise<number>;
  /** When messages began since an instant, oldest first: what limits across restarts need. */
  begunSince(since: number): Promise<number[]>;
  /** How many messages are still to be sent, to each domain. */
  openByDomain(campaignId: string): Promise<Map<string, number>>;
  /** The next instant at which a queued row is due, none of the domains in `except`; null: none is queued. */
  nextDue(campaignId: string, except?: readonly string[]): Promise<number | null>;
}

/** What follows the last @, in any database's words: the address without its domain is taken away from it. */
const DOMAIN = "replace(key, rtrim(key, replace(key, '@', '')), '')";

/** Not of the domains that a parameter names as `|a.example|b.example|`. */
const NOT_OF = `AND ? NOT LIKE '%|' || ${DOMAIN} || '|%'`;

export function deliveries(database: Database, identity: ProcessIdentity, grouped: GroupCommit): Deliveries {
  const { read, write, passOverLocked } = database;
  return {
    async deliveries(campaignId, states, after = 0, limit = 1000) {
      const marks = states.map(() => '?').join(', ');
      const rows = await read(
        `SELECT * FROM deliveries WHERE campaign_id = ? AND state IN (${marks}) AND id > ? ORDER BY id LIMIT ?`,
        campaignId,
        ...states,
        after,
        limit,
      );
      return rows.map(toDelivery);
    },
    claim: (campaignId, now, limit, except = [], after = null) =>
      write(async (tx) => {
        const campaign = first(await tx.all('SELECT state FROM campaigns WHERE id = ?', campaignId));
        if (campaign?.state !== 'running') return [];
        const claimed: Delivery[] = [];
        const [notOf, names] = exceptOf(except);
        // In two parts behind a row: SQLite seeks by the first column of a row value alone, and all may be due at once.
        const parts: [string, number[]][] = after
          ? [
              ['due_at = ? AND id > ?', [after.dueAt, after.id]],
              ['due_at > ? AND due_at <= ?', [after.dueAt, now]],
            ]
          : [['due_at <= ?', [now]]];
        // The first of the queue are looked at, whoever they are: a search for the first who are not suppressed would
        // read all who are, at every claim.
        for (const [range, bounds] of parts)
          for (let looked = limit; looked > 0 && claimed.length < limit; ) {
            const rows = await tx.all(
              `WITH due AS MATERIALIZED (
                 SELECT id FROM deliveries WHERE campaign_id = ? AND state = 'queued' AND ${range} ${notOf}
                 ORDER BY due_at, id LIMIT ? ${passOverLocked})
               UPDATE deliveries SET fence = fence + 1,
                 state = CASE WHEN ${IS_SUPPRESSED} THEN 'suppressed' ELSE 'claimed' END,
                 owner = CASE WHEN ${IS_SUPPRESSED} THEN NULL ELSE ? END
               FROM due WHERE deliveries.id = due.id RETURNING *`,
              campaignId,
              ...bounds,
              ...names,
              limit - claimed.length,
              identity.id,
            );
            looked = rows.length;
            claimed.push(...rows.filter(({ state }) => state === 'claimed').map(toDelivery));
          }
        // RETURNING has no order of its own.
        return claimed.sort((one, other) => one.dueAt - other.dueAt || one.id - other.id);
      }),
    ...gates(database, identity, grouped),
    putBack: (rows, now) =>
      write(async (tx) => {
        for (const { id, fence } of rows)
          await tx.run(
            `UPDATE deliveries SET due_at = ?,
               state = CASE WHEN ${CAMPAIGN_STATE} = 'cancelled' THEN 'cancelled' ELSE 'queued' END
             WHERE id = ? AND fence = ? AND state = 'rejected'`,
            now,
            id,
            fence,
          );
      }),
    async hasten(campaignId, now, latest) {
      const which = "campaign_id = ? AND state = 'queued' AND due_at > ?";
      const found = await read(`SELECT 1 AS one FROM deliveries WHERE ${which} LIMIT 1`, campaignId, latest);
      if (found.length > 0)
        await write((tx) =>
          tx.run(`UPDATE deliveries SET due_at = ? WHERE ${which}`, now, campaignId, latest),
        );
    },
    release: (campaignId) =>
      write(async (tx) => {
        await tx.run(
          "UPDATE deliveries SET state = 'queued', owner = NULL WHERE campaign_id = ? AND owner = ? AND state = 'claimed'",
          campaignId,
          identity.id,
        );
        await tx.run(GIVE_BACK_HELD, identity.id);
      }),
    resolve: (campaignId, how, now) =>
      write(async (tx) => {
        const to = how === 'accept' ? 'accepted' : 'queued';
        const changed = await tx.run(
          `UPDATE deliveries SET state = ?, due_at = ?, settled_at = ?
           WHERE campaign_id = ? AND state = 'uncertain' AND (? = 'accepted' OR ${CAMPAIGN_STATE} <> 'cancelled')`,
          to,
          now,
          now,
          campaignId,
          to,
        );
        if (how === 'resend' && changed > 0) await reopen(tx, campaignId);
        return changed;
      }),
    retry: (campaignId, ids, now) =>
      write(async (tx) => {
        const changed = await tx.run(
          `UPDATE deliveries SET state = 'queued', tries = 0, due_at = ?
           WHERE campaign_id = ? AND state = 'rejected' AND id IN (${ids.map(() => '?').join(', ')})
             AND ${CAMPAIGN_STATE} <> 'cancelled' AND NOT ${IS_SUPPRESSED}`,
          now,
          campaignId,
          ...ids,
        );
        if (changed > 0) await reopen(tx, campaignId);
        return changed;
      }),
    async begunSince(since) {
      const rows = await read('SELECT begun_at FROM deliveries WHERE begun_at > ? ORDER BY begun_at', since);
      return rows.map((row) => Number(row.begun_at));
    },
    async openByDomain(campaignId) {
      const rows = await read(
        `SELECT ${DOMAIN} AS domain, COUNT(*) AS n FROM deliveries
         WHERE campaign_id = ? AND state IN ('queued', 'claimed', 'sending') GROUP BY ${DOMAIN}`,
        campaignId,
      );
      return new Map(rows.map(({ domain, n }) => [String(domain), Number(n)]));
    },
    async nextDue(campaignId, except = []) {
      const [notOf, names] = exceptOf(except);
      const [row] = await read(
        `SELECT MIN(due_at) AS due FROM deliveries WHERE campaign_id = ? AND state = 'queued' ${notOf}`,
        campaignId,
        ...names,
      );
      return row?.due === null || row?.due === undefined ? null : Number(row.due);
    },
  };
}

/** The condition and its parameter: none is named most of the time, and then nothing is looked at. */
function exceptOf(domains: readonly string[]): [string, string[]] {
  return domains.length === 0 ? ['', []] : [NOT_OF, [`|${domains.join('|')}|`]];
}

/** A campaign that was finished has something to send again. */
async function reopen(tx: Statements, campaignId: string): Promise<void> {
  await tx.run("UPDATE campaigns SET state = 'running' WHERE id = ? AND state = 'finished'", campaignId);
}

/** A row of `deliveries`, whole. */
export function toDelivery(row: Row): Delivery {
  const { id, campaign_id, key, address, fields, state, tries, due_at, date, fence, code, enhanced, reply } =
    row;
  return {
    id,
    campaignId: campaign_id,
    key,
    address,
    fields: JSON.parse(String(fields)),
    state,
    tries,
    dueAt: due_at,
    date,
    begunAt: row.begun_at,
    settledAt: row.settled_at,
    fence,
    code,
    enhanced,
    reply,
  } as unknown as Delivery;
}
