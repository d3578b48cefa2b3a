import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import type { Ended } from '../support/run-command.ts';
import type { TemporaryProject } from '../support/temporary-project.ts';

/** A person's error: this exit code, all of these words, and never a stack trace. */
export function expectTold(
  { code, stdout, stderr }: Ended,
  wanted: number,
  says: readonly (string | RegExp)[],
): void {
  const all = `${stdout}${stderr}`;
  for (const words of says)
    if (typeof words === 'string') expect(all).toContain(words);
    else expect(all).toMatch(words);
  expect(all, 'a stack trace').not.toMatch(/\n\s+at .*[:(]/);
  expect(code, all).toBe(wanted);
}

/** Nothing was begun: no mail kept, no campaign recorded, no file built. */
export function expectNothingDone(project: TemporaryProject): void {
  expect(project.names('.broadsheet/inbox')).toEqual([]);
  expect(campaigns(project)).toEqual([]);
  expect(project.names('dist')).toEqual([]);
}

/** Campaigns in the ledger, with the number of their deliveries by state; none when there is no ledger. */
export function campaigns({
  root,
  names,
}: TemporaryProject): { slug: string; state: string; counts: Record<string, number> }[] {
  if (!names('.broadsheet').includes('ledger.sqlite')) return [];
  const database = new DatabaseSync(join(root, '.broadsheet/ledger.sqlite'), { readOnly: true });
  try {
    return database
      .prepare('SELECT id, slug, state FROM campaigns ORDER BY created_at')
      .all()
      .map(({ id, slug, state }) => {
        const rows = database
          .prepare('SELECT state, COUNT(*) AS n FROM deliveries WHERE campaign_id = ? GROUP BY state')
          .all(id!);
        return {
          slug: String(slug),
          state: String(state),
          counts: Object.fromEntries(rows.map((row) => [row.state, Number(row.n)])),
        };
      });
  } finally {
    database.close();
  }
}
