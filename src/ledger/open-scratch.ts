import { DatabaseSync } from 'node:sqlite';

/** Texts by key on the disk, for work over lists that may be longer than the memory. Gone when it is closed. */
export interface Scratch {
  get(key: string): string | null;
  set(key: string, value: string): void;
  /** In the order in which the keys first came. */
  entries(): IterableIterator<readonly [key: string, value: string]>;
  close(): void;
}

/** Rows between two commits: a journal of a million would be as large as the file. */
const BATCH = 50_000;

/**
 * Opens one. Its file loses its name once it is open (sqlite.org/inmemorydb.html, "Temporary Databases"): nobody else reads
 * it, and whoever is killed leaves none.
 */
export function openScratch(): Scratch {
  const database = new DatabaseSync('');
  // 64 MB of cache whatever the length of the list: a million keys and their index then rarely touch the disk.
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536');
  database.exec(
    'CREATE TABLE texts (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL) STRICT; BEGIN',
  );
  const get = database.prepare('SELECT value FROM texts WHERE key = ?');
  const set = database.prepare(
    'INSERT INTO texts (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const page = database.prepare('SELECT id, key, value FROM texts WHERE id > ? ORDER BY id LIMIT 1000');
  let written = 0;
  return {
    get(key) {
      const row = get.get(key) as { value: string } | undefined;
      return row?.value ?? null;
    },
    set(key, value) {
      set.run(key, value);
      written += 1;
      if (written % BATCH === 0) database.exec('COMMIT; BEGIN');
    },
    *entries() {
      let after = 0;
      for (;;) {
        const rows = page.all(after) as { id: number; key: string; value: string }[];
        if (rows.length === 0) return;
        for (const row of rows) yield [row.key, row.value] as const;
        after = rows.at(-1)!.id;
      }
    },
    close() {
      database.close();
    },
  };
}
