import type { Campaign, CampaignState, Counts, DeliveryState, PlannedReader } from '../campaign/campaign.ts';
import { type Database, first, type Row, type Statements, type Value } from './database.ts';
import { AlreadyPlanned, LedgerError } from './ledger.ts';
import type { ProcessIdentity } from './this-process.ts';

/** What is sent, to whom, and how far it is. */
export interface Campaigns {
  /** Keys of all readers of an issue, whatever campaign: none of them may be planned again (invariant 1). */
  readersOf(slug: string): Promise<Set<string>>;
  /**
   * Freezes a campaign: `email` is its content, `readers` its audience; all or nothing. It is not there until its last
   * reader is recorded. May throw AlreadyPlanned; what `readers` throws is thrown on.
   */
  record(
    campaign: Campaign,
    email: string,
    readers: AsyncIterable<PlannedReader> | Iterable<PlannedReader>,
  ): Promise<void>;
  /** Another process records a campaign of this issue at this moment. */
  isRecording(slug: string): Promise<boolean>;
  /** Oldest first; without what is not wholly recorded. */
  campaigns(slug?: string): Promise<Campaign[]>;
  campaign(campaignId: string): Promise<Campaign | null>;
  email(campaignId: string): Promise<string>;
  /** A cancelled campaign stays cancelled; cancelling takes back what was not begun. */
  setState(campaignId: string, state: CampaignState, reason: string): Promise<void>;
  /** How many rows stand in each state; throws when they do not add up to the audience that was planned. */
  counts(campaignId: string): Promise<Counts>;
}

/** Of the campaign of a delivery. */
export const CAMPAIGN_STATE = '(SELECT state FROM campaigns WHERE id = deliveries.campaign_id)';

/** So many readers are recorded in one transaction: 20 ms, in which other writers wait. */
const PIECE = 1000;

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

const COLUMNS = 'id, slug, list, digest, sender, state, reason, created_at';

export function campaigns(database: Database, identity: ProcessIdentity): Campaigns {
  const { read, write } = database;
  const discard = (id: string) =>
    write(async (tx) => {
      await tx.run('DELETE FROM deliveries WHERE campaign_id = ?', id);
      await tx.run('DELETE FROM campaigns WHERE id = ? AND owner = ?', id, identity.id);
    });

  return {
    async readersOf(slug) {
      return new Set(
        (await read('SELECT key FROM deliveries WHERE slug = ?', slug)).map(({ key }) => String(key)),
      );
    },
    async record(campaign, email, readers) {
      const { id, state } = campaign;
      await write((tx) => begin(database, tx, campaign, email, identity));
      try {
        let audience = 0;
        for await (const piece of pieces(readers)) {
          await write((tx) => insert(tx, campaign, identity, piece));
          audience += piece.length;
        }
        await write(async (tx) => {
          const ended = await tx.run(
            'UPDATE campaigns SET state = ?, audience = ?, owner = NULL WHERE id = ? AND owner = ?',
            state,
            audience,
            id,
            identity.id,
          );
          if (ended === 0) throw swept();
        });
      } catch (error) {
        await discard(id);
        throw error;
      }
    },
    async isRecording(slug) {
      return (await read('SELECT 1 FROM campaigns WHERE slug = ? AND owner IS NOT NULL', slug)).length > 0;
    },
    async campaigns(slug) {
      const rows =
        slug === undefined
          ? await read(`SELECT ${COLUMNS} FROM campaigns WHERE owner IS NULL ORDER BY created_at, id`)
          : await read(
              `SELECT ${COLUMNS} FROM campaigns WHERE owner IS NULL AND slug = ? ORDER BY created_at, id`,
              slug,
            );
      return rows.map(toCampaign);
    },
    async campaign(campaignId) {
      const row = first(await read(`SELECT ${COLUMNS} FROM campaigns WHERE id = ?`, campaignId));
      return row && toCampaign(row);
    },
    async email(campaignId) {
      return String((await read('SELECT email FROM campaigns WHERE id = ?', campaignId))[0]!.email);
    },
    setState: (campaignId, state, reason) =>
      write(async (tx) => {
        // A campaign that ended stays ended; only the rest of a cancelled one is taken back with it.
        await tx.run(
          "UPDATE campaigns SET state = ?, reason = ? WHERE id = ? AND state <> 'cancelled'",
          state,
          reason,
          campaignId,
        );
        if (state === 'cancelled')
          await tx.run(
            "UPDATE deliveries SET state = 'cancelled', owner = NULL WHERE campaign_id = ? AND state IN ('queued', 'claimed')",
            campaignId,
          );
      }),
    async counts(campaignId) {
      const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<DeliveryState, number>;
      // One statement sees one moment: rows and audience fit together.
      const rows = await read(
        `SELECT state, COUNT(*) AS n, (SELECT audience FROM campaigns WHERE id = ?) AS audience
         FROM deliveries WHERE campaign_id = ? GROUP BY state`,
        campaignId,
        campaignId,
      );
      for (const { state, n } of rows) counts[state as DeliveryState] = Number(n);
      const audience = Number(
        rows[0]?.audience ??
          (await read('SELECT audience FROM campaigns WHERE id = ?', campaignId))[0]!.audience,
      );
      const sum = Object.values(counts).reduce((total, count) => total + count, 0);
      if (sum !== audience)
        throw new LedgerError(
          `The campaign was planned for ${audience} readers, but the ledger holds ${sum}. Nothing is sent.`,
        );
      return counts satisfies Counts;
    },
  };
}

/** The campaign under way to be recorded; it belongs to its recorder, so that it can be swept away when that dies. */
async function begin(
  { clock }: Database,
  tx: Statements,
  { id, slug, list, digest, sender, createdAt }: Campaign,
  email: string,
  { id: owner, host, pid, born }: ProcessIdentity,
): Promise<void> {
  await tx.run(
    'INSERT INTO senders VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    owner,
    host,
    pid,
    born,
    await clock(tx, createdAt),
  );
  const begun = await tx.run(
    `INSERT INTO campaigns (id, slug, list, digest, sender, email, state, reason, created_at, audience, owner)
     VALUES (?, ?, ?, ?, ?, ?, 'planned', '', ?, 0, ?) ON CONFLICT DO NOTHING`,
    id,
    slug,
    list,
    digest,
    JSON.stringify(sender),
    email,
    createdAt,
    owner,
  );
  if (begun === 0) throw new AlreadyPlanned('Another process has begun to send this issue.');
}

/** The database itself keeps invariant 1: two processes that planned at once cannot both record. */
async function insert(
  tx: Statements,
  { id, slug, createdAt }: Campaign,
  identity: ProcessIdentity,
  piece: readonly PlannedReader[],
): Promise<void> {
  // It locks the row: who thinks us dead waits, or has taken it already.
  const ours = await tx.run('UPDATE campaigns SET owner = owner WHERE id = ? AND owner = ?', id, identity.id);
  if (ours === 0) throw swept();
  const values: Value[] = piece.flatMap(({ key, address, fields }) => [
    id,
    slug,
    key,
    address,
    JSON.stringify(fields),
    createdAt,
  ]);
  // Many rows a statement: one a round trip would take a server two minutes for a million.
  const inserted = await tx.run(
    `INSERT INTO deliveries (campaign_id, slug, key, address, fields, due_at)
     VALUES ${piece.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')} ON CONFLICT DO NOTHING`,
    ...values,
  );
  if (inserted < piece.length) throw new AlreadyPlanned('Another process has begun to send this issue.');
}

/** We were silent for so long that another process has taken away what we had recorded. */
function swept(): LedgerError {
  return new LedgerError('Recording was interrupted for too long. Nothing was sent; run this again.');
}

async function* pieces(
  readers: AsyncIterable<PlannedReader> | Iterable<PlannedReader>,
): AsyncGenerator<PlannedReader[]> {
  let piece: PlannedReader[] = [];
  for await (const reader of readers) {
    piece.push(reader);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  if (piece.length > 0) yield piece;
}

function toCampaign({ created_at, sender, ...row }: Row): Campaign {
  return { ...row, sender: JSON.parse(String(sender)), createdAt: created_at } as unknown as Campaign;
}
