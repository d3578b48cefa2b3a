import type { Statements, Value } from './database.ts';

/** Rows in one statement: each number of rows is a statement of its own, which a connection keeps. */
const MOST = 32;

/**
 * Makes one statement that changes many rows, each by values of its own: `update` finds them as rows of `asked`, whose
 * columns and types are given, and returns the id of each that it changed; `id` is the first column. The function takes the
 * rows and what `update` has for its own `?`, and tells of each row whether it was changed; of two with the same id, the
 * first comes first.
 */
export function changeRows(
  columns: Readonly<Record<string, 'BIGINT' | 'TEXT'>>,
  update: string,
): (tx: Statements, rows: readonly (readonly Value[])[], ...own: readonly Value[]) => Promise<boolean[]> {
  const types = Object.values(columns);
  // The first row tells PostgreSQL the types of all. Texts are kept: one that is put together anew is hashed anew.
  const typed = `(${types.map((type) => `CAST(? AS ${type})`).join(', ')})`;
  const plain = `, (${types.map(() => '?').join(', ')})`;
  const texts: string[] = [];
  const text = (rows: number) => {
    texts[rows] ??=
      `WITH asked (${Object.keys(columns).join(', ')}) AS (VALUES ${typed}${plain.repeat(rows - 1)}) ${update}`;
    return texts[rows];
  };
  return async (tx, rows, ...own) => {
    const changed: boolean[] = [];
    while (changed.length < rows.length) {
      const ids = new Set<Value>();
      for (const [id] of rows.slice(changed.length, changed.length + MOST)) {
        if (ids.has(id!)) break;
        ids.add(id!);
      }
      const part = rows.slice(changed.length, changed.length + ids.size);
      const found = new Set((await tx.all(text(part.length), ...part.flat(), ...own)).map(({ id }) => id));
      changed.push(...part.map(([id]) => found.has(id!)));
    }
    return changed;
  };
}
