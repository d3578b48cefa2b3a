import type { Confirmation } from '../audience/subscription.ts';
import { applyConfirmation, type Given, LIFTED } from './apply-confirmation.ts';
import { type Database, first, type Row } from './database.ts';
import { groupCommit } from './group-commit.ts';

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

/** An address is written to so often, whoever asks for it: others could fill a mailbox. */
const QUIET = 10 * 60_000;
const DAY = 24 * 3_600_000;
const MOST_A_DAY = 4;

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
        await applyConfirmation(tx, confirmation, given);
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
