import type { Suppression } from '../../audience/audience.ts';
import { readList } from '../../audience/read-list.ts';
import { type Selected, select } from '../../audience/select.ts';
import { checkFields } from '../../check/check-fields.ts';
import { openCoverage } from '../../check/coverage.ts';
import type { FieldUse } from '../../email/email.ts';
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

/** Merge fields without a fallback that some of these readers lack, as findings. */
export function missingFields(uses: readonly FieldUse[], readers: Readers['mailed']): Finding[] {
  const { add, coverage } = openCoverage(uses);
  for (const { subscriber, line } of readers) add(subscriber, line);
  return checkFields(uses, coverage());
}
