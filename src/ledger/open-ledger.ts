import type { StatementSync } from 'node:sqlite';
import type { Suppression } from '../audience/audience.ts';
import type { DeliveryState } from '../campaign/campaign.ts';
import { orphaned } from '../campaign/settle.ts';
import { groupCommit } from './group-commit.ts';
import { AlreadyPlanned, type Counts, type Ledger, LedgerError, type PlannedReader } from './ledger.ts';
import { openSqlite } from './open-sqlite.ts';
import { type Row, toCampaign, toDelivery, toReceipt } from './rows.ts';
import { isAlive, type ProcessIdentity, thisProcess } from './this-process.ts';

/** A sender on another machine that was silent so long is dead: longer than the wait for a final reply (10 min). */
const LEASE = 15 * 60_000;

const STATES: readonly DeliveryState[] = [
  'queued',
  'claimed',
  'sending',
  'accepted',
  'rejected',
  'uncertain',
  'suppressed',
  'cancelled',
];

const CAMPAIGN = 'id, slug, list, digest, sender, state, reason, created_at';

/** Opens the ledger in a SQLite file; `identity` names this sender in every row that it holds. */
export async function openLedger(path: string, identity: ProcessIdentity = thisProcess()): Promise<Ledger> {
  const file = await openSqlite(path);
  const { database } = file;
  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const known = statements.get(text) ?? database.prepare(text);
    statements.set(text, known);
    return known;
  };
  const all = (text: string, ...values: (string | number | null)[]) =>
    file.read(() => sql(text).all(...values)) as Row[];
  const get = (text: string, ...values: (string | number | null)[]) =>
    file.read(() => sql(text).get(...values)) as Row | undefined;
  const run = (text: string, ...values: (string | number | null)[]) =>
    Number(sql(text).run(...values).changes);

  const grouped = groupCommit(file.write);

  const SUPPRESSED = `EXISTS (SELECT 1 FROM suppressions s JOIN campaigns c ON c.id = deliveries.campaign_id
    WHERE s.key = deliveries.key AND s.list IN ('', c.list))`;

  return {
    async readersOf(slug) {
      return new Set(all('SELECT key FROM deliveries WHERE slug = ?', slug).map((row) => String(row.key)));
    },
    async suppressions(list) {
      const rows = all("SELECT key, reason FROM suppressions WHERE list IN ('', ?)", list);
      return new Map(rows.map((row) => [String(row.key), row.reason as Suppression['reason']]));
    },
    suppress: ({ key, list, reason, at }) =>
      file.write(
        () =>
          void run(
            'INSERT INTO suppressions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
            key,
            list ?? '',
            reason,
            at,
          ),
      ),
    async record(campaign, email, readers) {
      const planned: PlannedReader[] = [];
      for await (const reader of readers) planned.push(reader);
      await file.write(() => {
        const { id, slug, list, digest, sender, state, reason, createdAt } = campaign;
        run(
          'INSERT INTO campaigns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
          id,
          slug,
          list,
          digest,
          JSON.stringify(sender),
          email,
          state,
          reason,
          createdAt,
          planned.length,
        );
        for (const { key, address, fields } of planned)
          plan(() =>
            run(
              'INSERT INTO deliveries (campaign_id, slug, key, address, fields, due_at) VALUES (?, ?, ?, ?, ?, ?)',
              id,
              slug,
              key,
              address,
              JSON.stringify(fields),
              createdAt,
            ),
          );
      });
    },
    async campaigns(slug) {
      const rows =
        slug === undefined
          ? all(`SELECT ${CAMPAIGN} FROM campaigns ORDER BY created_at, rowid`)
          : all(`SELECT ${CAMPAIGN} FROM campaigns WHERE slug = ? ORDER BY created_at, rowid`, slug);
      return rows.map(toCampaign);
    },
    async campaign(campaignId) {
      const row = get(`SELECT ${CAMPAIGN} FROM campaigns WHERE id = ?`, campaignId);
      return row ? toCampaign(row) : null;
    },
    async email(campaignId) {
      return String(get('SELECT email FROM campaigns WHERE id = ?', campaignId)!.email);
    },
    setState: (campaignId, state, reason) =>
      file.write(() => {
        // A campaign that ended stays ended; only the rest of a cancelled one is taken back with it.
        run(
          "UPDATE campaigns SET state = ?, reason = ? WHERE id = ? AND state <> 'cancelled'",
          state,
          reason,
          campaignId,
        );
        if (state === 'cancelled')
          run(
            "UPDATE deliveries SET state = 'cancelled', owner = NULL WHERE campaign_id = ? AND state IN ('queued', 'claimed')",
            campaignId,
          );
      }),
    async counts(campaignId) {
      const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<DeliveryState, number>;
      for (const row of all(
        'SELECT state, COUNT(*) AS n FROM deliveries WHERE campaign_id = ? GROUP BY state',
        campaignId,
      ))
        counts[row.state as DeliveryState] = Number(row.n);
      const audience = Number(get('SELECT audience FROM campaigns WHERE id = ?', campaignId)!.audience);
      const sum = Object.values(counts).reduce((total, count) => total + count, 0);
      if (sum !== audience)
        throw new LedgerError(
          `The campaign was planned for ${audience} readers, but the ledger holds ${sum}. Nothing is sent.`,
        );
      return counts satisfies Counts;
    },
    async deliveries(campaignId, states, after = 0, limit = 1000) {
      const marks = states.map(() => '?').join(', ');
      return all(
        `SELECT * FROM deliveries WHERE campaign_id = ? AND state IN (${marks}) AND id > ? ORDER BY id LIMIT ?`,
        campaignId,
        ...states,
        after,
        limit,
      ).map(toDelivery);
    },
    claim: (campaignId, now, limit) =>
      file.write(() => {
        const state = get('SELECT state FROM campaigns WHERE id = ?', campaignId)?.state;
        if (state !== 'running') return [];
        const due = (which: string) =>
          `SELECT id FROM deliveries WHERE campaign_id = ? AND state = 'queued' AND due_at <= ? AND ${which} ORDER BY due_at, id LIMIT ?`;
        const ours = [campaignId, now, limit];
        run(`UPDATE deliveries SET state = 'suppressed' WHERE id IN (${due(SUPPRESSED)})`, ...ours);
        const rows = all(
          `UPDATE deliveries SET state = 'claimed', owner = ?, fence = fence + 1 WHERE id IN (${due(`NOT ${SUPPRESSED}`)}) RETURNING *`,
          identity.id,
          ...ours,
        );
        // RETURNING has no order of its own.
        return rows.map(toDelivery).sort((one, other) => one.dueAt - other.dueAt || one.id - other.id);
      }),
    markSending: ({ id, fence }, date, now) =>
      grouped(() => {
        const ours = "id = ? AND fence = ? AND owner = ? AND state = 'claimed'";
        if (
          run(
            `UPDATE deliveries SET state = 'suppressed', owner = NULL WHERE ${ours} AND ${SUPPRESSED}`,
            id,
            fence,
            identity.id,
          ) > 0
        )
          return false;
        const running = "(SELECT state FROM campaigns WHERE id = deliveries.campaign_id) = 'running'";
        return (
          run(
            `UPDATE deliveries SET state = 'sending', date = COALESCE(date, ?), begun_at = ? WHERE ${ours} AND ${running}`,
            date,
            now,
            id,
            fence,
            identity.id,
          ) === 1
        );
      }),
    settle: ({ id, fence }, { to, tries, dueAt, code, enhanced, reply }, now) =>
      grouped(
        // What would be tried again in a cancelled campaign is cancelled with it.
        () =>
          run(
            "UPDATE deliveries SET state = CASE WHEN ?1 = 'queued' AND (SELECT state FROM campaigns WHERE id = deliveries.campaign_id) = 'cancelled' THEN 'cancelled' ELSE ?1 END, tries = ?, due_at = ?, code = ?, enhanced = ?, reply = ?, settled_at = ?, owner = NULL WHERE id = ? AND fence = ? AND owner = ? AND state IN ('claimed', 'sending')",
            to,
            tries,
            dueAt,
            code,
            enhanced,
            reply,
            now,
            id,
            fence,
            identity.id,
          ) === 1,
      ),
    release: (campaignId) =>
      file.write(
        () =>
          void run(
            "UPDATE deliveries SET state = 'queued', owner = NULL WHERE campaign_id = ? AND owner = ? AND state = 'claimed'",
            campaignId,
            identity.id,
          ),
      ),
    sweep: (now) =>
      file.write(() => {
        let uncertain = 0;
        for (const sender of all('SELECT * FROM senders WHERE id <> ?', identity.id)) {
          const alive = isAlive({
            host: String(sender.host),
            pid: Number(sender.pid),
            born: String(sender.born),
          });
          if (alive ?? Number(sender.beat_at) + LEASE > now) continue;
          const id = String(sender.id);
          run(
            'UPDATE deliveries SET state = ?, owner = NULL WHERE owner = ? AND state = ?',
            orphaned('claimed'),
            id,
            'claimed',
          );
          uncertain += run(
            "UPDATE deliveries SET state = ?, reply = 'The sender died before the reply', owner = NULL WHERE owner = ? AND state = ?",
            orphaned('sending'),
            id,
            'sending',
          );
          run('DELETE FROM senders WHERE id = ?', id);
        }
        return uncertain;
      }),
    beat: (now) =>
      file.write(
        () =>
          void run(
            'INSERT INTO senders VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at',
            identity.id,
            identity.host,
            identity.pid,
            identity.born,
            now,
          ),
      ),
    resolve: (campaignId, how, now) =>
      file.write(() => {
        const to = how === 'accept' ? 'accepted' : 'queued';
        const changed = run(
          "UPDATE deliveries SET state = ?, due_at = ?, settled_at = ? WHERE campaign_id = ? AND state = 'uncertain' AND (? = 'accepted' OR (SELECT state FROM campaigns WHERE id = deliveries.campaign_id) <> 'cancelled')",
          to,
          now,
          now,
          campaignId,
          to,
        );
        if (how === 'resend' && changed > 0)
          run("UPDATE campaigns SET state = 'running' WHERE id = ? AND state = 'finished'", campaignId);
        return changed;
      }),
    async begunSince(since) {
      return all('SELECT begun_at FROM deliveries WHERE begun_at > ? ORDER BY begun_at', since).map((row) =>
        Number(row.begun_at),
      );
    },
    async nextDue(campaignId) {
      const row = get(
        "SELECT MIN(due_at) AS due FROM deliveries WHERE campaign_id = ? AND state = 'queued'",
        campaignId,
      );
      return row?.due === null || row?.due === undefined ? null : Number(row.due);
    },
    leaveReceipt: ({ slug, digest, parts, how, who, commit, at }) =>
      file.write(
        () =>
          void run(
            'INSERT INTO receipts (slug, digest, parts, how, who, git_commit, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
            slug,
            digest,
            JSON.stringify(parts),
            how,
            who,
            commit,
            at,
          ),
      ),
    async receipts(slug) {
      return all('SELECT * FROM receipts WHERE slug = ? ORDER BY id', slug).map(toReceipt);
    },
    async close() {
      try {
        await file.write(
          () =>
            void run(
              'DELETE FROM senders WHERE id = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE owner = ?)',
              identity.id,
              identity.id,
            ),
        );
      } finally {
        file.close();
      }
    },
  };
}

/** The database itself keeps invariant 1: two processes that planned at once cannot both record. */
function plan(insert: () => void): void {
  try {
    insert();
  } catch (error) {
    if (/UNIQUE constraint failed: deliveries\.slug/.test(String((error as Error).message)))
      throw new AlreadyPlanned('Another process has begun to send this issue.');
    throw error;
  }
}
