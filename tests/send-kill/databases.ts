import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';

/** Where the ledger of a project is kept. */
export interface Kept {
  /** What tells the commands of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Looks into the ledger as it lies, without touching it: what was left is for the next sender to find. */
  look<T>(work: (ledger: Ledger) => Promise<T>): Promise<T>;
}

export interface LedgerDatabase {
  readonly name: string;
  /** For the project in this folder. */
  keep(root: string): Promise<Kept>;
}

const sqlite: LedgerDatabase = {
  name: 'SQLite',
  keep: async (root) => ({
    environment: {},
    async look(work) {
      const folder = mkdtempSync(join(tmpdir(), 'broadsheet-look-'));
      const path = join(folder, 'ledger.sqlite');
      for (const end of ['', '-wal']) {
        const from = join(root, '.broadsheet', `ledger.sqlite${end}`);
        if (existsSync(from)) copyFileSync(from, path + end);
      }
      const ledger = await openLedger(path);
      try {
        return await work(ledger);
      } finally {
        await ledger.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  }),
};

/** Every test of this folder that is about a ledger is run on each. */
export const databases: readonly LedgerDatabase[] = [sqlite];
