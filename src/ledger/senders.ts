import { orphaned } from '../campaign/settle.ts';
import type { Database } from './database.ts';
import { GIVE_BACK_HELD } from './places.ts';
import { isAlive, type ProcessIdentity } from './this-process.ts';

/** A sender on another machine that was silent so long is dead: longer than the wait for a final reply (10 min). */
export const LEASE = 15 * 60_000;

/** The processes that send, and what becomes of those that died. */
export interface Senders {
  /** Tells that this sender lives; before it claims and then at least once a minute. */
  beat(now: number): Promise<void>;
  /**
   * Rows of senders that died: claimed → queued, sending → uncertain; what they had not finished recording is as if it
   * had never been; what came back to a campaign that was cancelled meanwhile is cancelled too. Gives how many became
   * uncertain.
   */
  sweep(now: number): Promise<number>;
}

export function senders(database: Database, identity: ProcessIdentity): Senders & { leave(): Promise<void> } {
  const { write, clock } = database;
  return {
    beat: (now) =>
      write(
        async (tx) =>
          void (await tx.run(
            'INSERT INTO senders VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at',
            identity.id,
            identity.host,
            identity.pid,
            identity.born,
            await clock(tx, now),
          )),
      ),
    sweep: (now) =>
      write(async (tx) => {
        const at = await clock(tx, now);
        let uncertain = 0;
        // Who sweeps at the same time passes over, or waits for a moment.
        for (const sender of await tx.all(
          `SELECT * FROM senders WHERE id <> ? ORDER BY id ${database.passOverLocked}`,
          identity.id,
        )) {
          const { host, pid, born } = sender;
          const alive = isAlive({ host: String(host), pid: Number(pid), born: String(born) });
          if (alive ?? Number(sender.beat_at) + LEASE > at) continue;
          const id = String(sender.id);
          await tx.run(
            'UPDATE deliveries SET state = ?, owner = NULL WHERE owner = ? AND state = ?',
            orphaned('claimed'),
            id,
            'claimed',
          );
          uncertain += await tx.run(
            "UPDATE deliveries SET state = ?, reply = 'The sender died before the reply', owner = NULL WHERE owner = ? AND state = ?",
            orphaned('sending'),
            id,
            'sending',
          );
          await tx.run(
            'DELETE FROM deliveries WHERE campaign_id IN (SELECT id FROM campaigns WHERE owner = ?)',
            id,
          );
          await tx.run('DELETE FROM campaigns WHERE owner = ?', id);
          await tx.run(GIVE_BACK_HELD, id);
          await tx.run('DELETE FROM senders WHERE id = ?', id);
        }
        // On PostgreSQL a reply that is recorded while the campaign is cancelled may not see that yet.
        await tx.run(
          "UPDATE deliveries SET state = 'cancelled' WHERE state = 'queued' AND campaign_id IN (SELECT id FROM campaigns WHERE state = 'cancelled')",
        );
        return uncertain;
      }),
    /** The last word of a sender: it is forgotten unless it still holds something. */
    leave: () =>
      write(
        async (tx) =>
          void (await tx.run(
            'DELETE FROM senders WHERE id = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE owner = ?) AND NOT EXISTS (SELECT 1 FROM campaigns WHERE owner = ?)',
            identity.id,
            identity.id,
            identity.id,
          )),
      ),
  };
}
