import type { ListRow, Suppression } from '../../audience/audience.ts';
import { type Selected, select } from '../../audience/select.ts';
import { isAmong, type Target } from '../../audience/target.ts';
import { checkFields } from '../../check/check-fields.ts';
import { openCoverage } from '../../check/coverage.ts';
import type { FieldUse } from '../../email/email.ts';
import { fieldsOf } from '../../expression.ts';
import type { Finding } from '../../finding.ts';

/** Everybody whom a target names, sorted into those who are mailed, those who are not, and rows that cannot be read. */
export interface Readers {
  readonly mailed: Extract<Selected, { subscriber: unknown }>[];
  readonly excluded: Extract<Selected, { exclusion: unknown }>['exclusion'][];
  readonly findings: Finding[];
  /** On the list, but not among those for whom the target's condition is true. */
  outside: number;
  /** Fields that the condition asks for and no subscriber has: a typing mistake, most likely. */
  readonly unknown: Set<string>;
}

export function noReaders(): Readers {
  return { mailed: [], excluded: [], findings: [], outside: 0, unknown: new Set() };
}

/** Reads a list to its end, however many of its rows are broken. */
export async function readReaders(
  rows: AsyncIterable<ListRow>,
  { where }: Pick<Target, 'where'>,
  suppressed: (key: string) => Suppression['reason'] | null,
  mailed: (key: string) => boolean,
): Promise<Readers> {
  const readers = noReaders();
  const unknown = new Set(where === null ? [] : fieldsOf(where));
  unknown.delete('email');
  const among = async function* (): AsyncGenerator<ListRow> {
    for await (const row of rows) {
      if ('finding' in row) yield row;
      else {
        for (const field of unknown) if (Object.hasOwn(row.subscriber.fields, field)) unknown.delete(field);
        if (isAmong(where, row.subscriber)) yield row;
        else readers.outside += 1;
      }
    }
  };
  for await (const row of select(among(), suppressed, mailed)) {
    if ('subscriber' in row) readers.mailed.push(row);
    else if ('exclusion' in row) readers.excluded.push(row.exclusion);
    else readers.findings.push(row.finding);
  }
  return { ...readers, unknown };
}

/** Merge fields without a fallback that some of these readers lack, as findings. */
export function missingFields(uses: readonly FieldUse[], readers: Readers['mailed']): Finding[] {
  const { add, coverage } = openCoverage(uses);
  for (const { subscriber, line } of readers) add(subscriber, line);
  return checkFields(uses, coverage());
}
