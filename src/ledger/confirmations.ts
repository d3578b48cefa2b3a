import type { Confirmation, Consent } from '../audience/subscription.ts';
import { addConsents } from './consents.ts';
import { type Database, first, type Row, type Statements } from './database.ts';
import { groupCommit } from './group-commit.ts';
import { membershipsIn } from './readers.ts';
import { putSubscriptions } from './subscriptions.ts';
import { suppressIn } from './suppressions.ts';

/** What waits for readers to confirm it by mail; the rows are also the queue of those mails. */
export interface Confirmations {
  /**
   * Records what was asked for, its mail due at once. False, and nothing is recorded: this address was written to
   * moments ago, or too often today.
   */
  ask(asked: Omit<Confirmation, 'id' | 'usedAt' | 'tries'>): Promise<boolean>;
  confirmation(id: number): Promise<Confirmation | null>;
  /**
   * Does what was asked for, once: false when it was done before, or is too old. What the reader had left is lifted for
   * the lists that they confirm, and stays for `others`, the lists that there are besides; a complaint and what the
   * author said by hand stay in any case.
   */
  confirm(confirmation: Confirmation, given: Given): Promise<boolean>;
  /**
   * Takes up to `limit` confirmations whose mail is due; it is due again after `lease` ms unless `setMailDue` says
   * otherwise. Nobody is written to who complained, or whom the author suppressed.
   */
  takeMailDue(now: number, limit: number, lease: number): Promise<Confirmation[]>;
  /** Null: it was sent, or never will be. */
  setMailDue(id: number, at: number | null): Promise<void>;
  /** Forgets what expired before this instant. */
  forgetConfirmations(before: number): Promise<void>;
}

/** What comes with the click that confirms. */
export interface Given {
  readonly fields: Readonly<Record<string, string>>;
  /** The words on the page where it was confirmed. */
  readonly wording: string;
  readonly others: readonly string[];
  /** Keys that the reader may have from when they were erased: `erasedKey` under each live secret. */
  readonly erasedKeys: readonly string[];
  readonly now: number;
}

/** An address is written to so often, whoever asks for it: others could fill a mailbox. */
const QUIET = 10 * 60_000;
const DAY = 24 * 3_600_000;
const MOST_A_DAY = 4;

/** What a reader can take back by confirming. */
const LIFTED = "('unsubscribed', 'left', 'bounced')";

export function confirmations({ read, write, passOverLocked }: Database): Confirmations {
  const grouped = groupCommit(write);
  return {
    ask: (asked) =>
      grouped(async (tx) => {
        const recent = await tx.all(
          'SELECT COUNT(*) AS n, MAX(asked_at) AS last FROM confirmations WHERE key = ? AND asked_at > ?',
          asked.key,
          asked.askedAt - DAY,
        );
        const { n, last } = recent[0]!;
        if (Number(n) >= MOST_A_DAY || (last !== null && Number(last) > asked.askedAt - QUIET)) return false;
        await tx.run(
          `INSERT INTO confirmations (purpose, key, address, moved_from, lists, fields, how, source, wording, asked_at, expires_at, due_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          asked.purpose,
          asked.key,
          asked.address,
          asked.movedFrom,
          JSON.stringify(asked.lists),
          JSON.stringify(asked.fields),
          asked.how,
          asked.source,
          asked.wording,
          asked.askedAt,
          asked.expiresAt,
          asked.askedAt,
        );
        return true;
      }),
    async confirmation(id) {
      const row = first(await read('SELECT * FROM confirmations WHERE id = ?', id));
      return row && toConfirmation(row);
    },
    confirm: (confirmation, given) =>
      write(async (tx) => {
        const used = await tx.run(
          'UPDATE confirmations SET used_at = ?, due_at = NULL WHERE id = ? AND used_at IS NULL AND expires_at > ?',
          given.now,
          confirmation.id,
          given.now,
        );
        if (used === 0) return false;
        if (confirmation.purpose === 'move') await move(tx, confirmation, given);
        else await join(tx, confirmation, given);
        return true;
      }),
    takeMailDue: (now, limit, lease) =>
      write(async (tx) => {
        await tx.run(
          `UPDATE confirmations SET due_at = NULL WHERE due_at <= ? AND (expires_at <= ? OR EXISTS (
             SELECT 1 FROM suppressions s WHERE s.key = confirmations.key AND s.list = '' AND s.reason NOT IN ${LIFTED}))`,
          now,
          now,
        );
        const rows = await tx.all(
          `UPDATE confirmations SET due_at = ?, tries = tries + 1 WHERE id IN (
             SELECT id FROM confirmations WHERE due_at <= ? ORDER BY due_at, id LIMIT ? ${passOverLocked}) RETURNING *`,
          now + lease,
          now,
          limit,
        );
        return rows.map(toConfirmation);
      }),
    setMailDue: (id, at) =>
      write(async (tx) => void (await tx.run('UPDATE confirmations SET due_at = ? WHERE id = ?', at, id))),
    forgetConfirmations: (before) =>
      write(async (tx) => void (await tx.run('DELETE FROM confirmations WHERE expires_at < ?', before))),
  };
}

async function join(tx: Statements, asked: Confirmation, given: Given): Promise<void> {
  const { key, address, lists } = asked;
  await lift(tx, key, lists, given);
  const known = await tx.all('SELECT list, fields FROM subscriptions WHERE key = ?', key);
  await putSubscriptions(
    tx,
    lists.map((list) => {
      const before = known.find((row) => row.list === list)?.fields ?? '{}';
      const fields = { ...JSON.parse(String(before)), ...given.fields };
      return { list, key, address, fields, since: given.now };
    }),
  );
  await addConsents(
    tx,
    lists.flatMap((list) => steps(asked, given, list, 'confirmed')),
  );
}

/** All that went to the old address goes to the new one, and nothing to the old. */
async function move(tx: Statements, asked: Confirmation, given: Given): Promise<void> {
  const { key, address, movedFrom } = asked;
  if (movedFrom === null) return;
  const places = (await membershipsIn(tx, movedFrom)).filter(({ active }) => active);
  const lists = places.map(({ list }) => list);
  await lift(tx, key, lists, given);
  await putSubscriptions(
    tx,
    places.map(({ list, fields }) => ({ list, key, address, fields, since: given.now })),
  );
  await addConsents(
    tx,
    lists.flatMap((list) => steps(asked, given, list, 'moved')),
  );
  await tx.run('DELETE FROM subscriptions WHERE key = ?', movedFrom);
  await suppressIn(tx, { key: movedFrom, list: null, reason: 'left', at: new Date(given.now).toISOString() });
}

/** Takes back that the reader had left these lists; of "all lists" the others stay left. */
async function lift(tx: Statements, key: string, lists: readonly string[], given: Given): Promise<void> {
  for (const name of [key, ...given.erasedKeys]) {
    const all = first(
      await tx.all(
        `SELECT reason, at FROM suppressions WHERE key = ? AND list = '' AND reason IN ${LIFTED}`,
        name,
      ),
    );
    if (all && all.reason !== 'bounced')
      for (const list of given.others)
        if (!lists.includes(list))
          await tx.run(
            'INSERT INTO suppressions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
            key,
            list,
            all.reason!,
            all.at!,
          );
    if (all) await tx.run("DELETE FROM suppressions WHERE key = ? AND list = ''", name);
    for (const list of lists)
      await tx.run(`DELETE FROM suppressions WHERE key = ? AND list = ? AND reason IN ${LIFTED}`, name, list);
  }
}

/** Both steps of a double opt-in, as lines of the consent record. */
function steps(asked: Confirmation, given: Given, list: string, act: Consent['act']): Consent[] {
  const { key, how, source } = asked;
  return [
    { at: asked.askedAt, key, list, act: 'asked', how, source, wording: asked.wording },
    {
      at: given.now,
      key,
      list,
      act,
      how: 'mail',
      source: `confirmation ${asked.id}`,
      wording: given.wording,
    },
  ];
}

function toConfirmation(row: Row): Confirmation {
  const { id, purpose, key, address, how, source, wording, tries } = row;
  return {
    id,
    purpose,
    key,
    address,
    movedFrom: row.moved_from,
    lists: JSON.parse(String(row.lists)),
    fields: JSON.parse(String(row.fields)),
    how,
    source,
    wording,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    tries,
  } as Confirmation;
}
