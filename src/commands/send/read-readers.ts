import type { Suppression } from '../../audience/audience.ts';
import { readList } from '../../audience/read-list.ts';
import { type Selected, select } from '../../audience/select.ts';
import type { Finding } from '../../finding.ts';
import type { ListFile } from '../../project.ts';

/** Everybody on a list, sorted into those who are mailed, those who are not, and rows that cannot be read. */
export interface Readers {
  readonly mailed: Extract<Selected, { subscriber: unknown }>[];
  readonly excluded: Extract<Selected, { exclusion: unknown }>['exclusion'][];
  readonly findings: Finding[];
}

/** Reads a list to its end, however many of its rows are broken. */
export async function readReaders(
  list: ListFile,
  suppressed: (key: string) => Suppression['reason'] | null,
  mailed: (key: string) => boolean,
): Promise<Readers> {
  const readers: Readers = { mailed: [], excluded: [], findings: [] };
  for await (const row of select(readList(list.path, list.chunks()), suppressed, mailed)) {
    if ('subscriber' in row) readers.mailed.push(row);
    else if ('exclusion' in row) readers.excluded.push(row.exclusion);
    else readers.findings.push(row.finding);
  }
  return readers;
}

/** Merge fields that some reader lacks and that have no fallback, each once, as findings. */
export function missingFields(
  uses: readonly { field: string; fallback: string | null; path: string; line: number; column: number }[],
  readers: readonly { readonly subscriber: { readonly fields: Readonly<Record<string, string>> } }[],
): Finding[] {
  return uses.flatMap(({ field, fallback, path, line, column }) => {
    if (fallback !== null) return [];
    const lacking = readers.filter(({ subscriber }) => !subscriber.fields[field]).length;
    if (lacking === 0) return [];
    const known = readers.some(({ subscriber }) => field in subscriber.fields);
    const message = known
      ? `${lacking} of ${readers.length} readers have no "${field}".`
      : `No reader has a field "${field}".`;
    return [
      {
        rule: 'field-coverage',
        severity: known ? 'warning' : 'error',
        path,
        line,
        column,
        message,
        hint: `Say what they read instead: {{subscriber.${field} | "…"}}.`,
      },
    ];
  });
}
