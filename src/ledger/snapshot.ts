import { readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * The bytes of a ledger file as another machine may take it over, while this one goes on. `leaving` holds the rows that
 * this sender has claimed, with the Date of their message: in the copy they are `sending`, for they may have been sent
 * when the copy is read and this machine is gone. Then they become uncertain, never queued (invariant 3).
 */
export function snapshot(path: string, leaving: ReadonlyMap<number, number>): Buffer {
  const copy = `${path}.copy`;
  rmSync(copy, { force: true });
  try {
    const source = new DatabaseSync(path, { timeout: 5000 });
    try {
      source.prepare('VACUUM INTO ?').run(copy);
    } finally {
      source.close();
    }
    const taken = new DatabaseSync(copy);
    try {
      // One file: without a log beside it.
      taken.exec('PRAGMA journal_mode = DELETE; BEGIN');
      const mark = taken.prepare(
        "UPDATE deliveries SET state = 'sending', date = COALESCE(date, ?), begun_at = COALESCE(begun_at, ?) WHERE id = ? AND state = 'claimed'",
      );
      for (const [id, date] of leaving) mark.run(date, date, id);
      // Their places too: as far as limits know, all of them have begun.
      taken.exec(
        "UPDATE begins SET at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE at = 9007199254740991",
      );
      taken.exec('COMMIT');
    } finally {
      taken.close();
    }
    return readFileSync(copy);
  } finally {
    rmSync(copy, { force: true });
  }
}
