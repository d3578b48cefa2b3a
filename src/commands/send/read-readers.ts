import type { Exclusion, ListRow, Subscriber, Suppression } from '../../audience/audience.ts';
import { openPacked, type PackedSubscribers } from '../../audience/pack-subscribers.ts';
import { select } from '../../audience/select.ts';
import { isAmong, type Target } from '../../audience/target.ts';
import { domainOf } from '../../campaign/domain-of.ts';
import { checkFields } from '../../check/check-fields.ts';
import { openCoverage } from '../../check/coverage.ts';
import type { FieldUse } from '../../email/email.ts';
import { fieldsOf } from '../../expression.ts';
import type { Finding } from '../../finding.ts';

/**
 * Everybody whom a target names: those who are mailed, and what there is to say of the others. Of a million nothing is
 * kept one by one but what must be.
 */
export interface Readers {
  readonly mailed: PackedSubscribers;
  /** Merge fields without a fallback that some of those who are mailed lack. */
  readonly missing: readonly Finding[];
  /** How many of those who are mailed have a mailbox at each domain. */
  readonly domains: ReadonlyMap<string, number>;
  /** How many are not mailed, by reason. */
  readonly excluded: ReadonlyMap<Exclusion['reason'], number>;
  /** Those of them who are suppressed, one by one. */
  readonly suppressed: readonly Exclusion[];
  readonly findings: readonly Finding[];
  /** On the list, but not among those for whom the target's condition is true. */
  readonly outside: number;
  /** Fields that the condition asks for and no subscriber has: a typing mistake, most likely. */
  readonly unknown: ReadonlySet<string>;
}

/** Sorts readers as they come. */
export function openReaders(uses: readonly FieldUse[]) {
  const { add, packed } = openPacked();
  const covered = openCoverage(uses);
  const domains = new Map<string, number>();
  const excluded = new Map<Exclusion['reason'], number>();
  const suppressed: Exclusion[] = [];
  const findings: Finding[] = [];
  return {
    mail(subscriber: Subscriber, line: number) {
      add({ subscriber, line });
      covered.add(subscriber, line);
      const domain = domainOf(subscriber.key);
      domains.set(domain, (domains.get(domain) ?? 0) + 1);
    },
    exclude(exclusion: Exclusion) {
      const { reason } = exclusion;
      excluded.set(reason, (excluded.get(reason) ?? 0) + 1);
      if (isSuppression(reason)) suppressed.push(exclusion);
    },
    fault: (finding: Finding) => void findings.push(finding),
    readers: (outside = 0, unknown: ReadonlySet<string> = new Set()): Readers => ({
      mailed: packed,
      missing: checkFields(uses, covered.coverage()),
      domains,
      excluded,
      suppressed,
      findings,
      outside,
      unknown,
    }),
  };
}

export function isSuppression(reason: Exclusion['reason']): reason is Suppression['reason'] {
  return reason !== 'duplicate' && reason !== 'already-mailed' && reason !== 'invalid';
}

/**
 * Reads a list to its end, however many of its rows are broken; `uses`: what the
 * email says of them; `count` hears of each row.
 */
export async function readReaders(
  rows: AsyncIterable<ListRow>,
  { where }: Pick<Target, 'where'>,
  suppressed: (key: string) => Suppression['reason'] | null,
  mailed: (key: string) => boolean,
  uses: readonly FieldUse[],
  count?: () => void,
): Promise<Readers> {
  const sorted = openReaders(uses);
  let outside = 0;
  const unknown = new Set(where === null ? [] : fieldsOf(where));
  unknown.delete('email');
  const among = async function* (): AsyncGenerator<ListRow> {
    for await (const row of rows) {
      if ('finding' in row) yield row;
      else {
        for (const field of unknown) if (Object.hasOwn(row.subscriber.fields, field)) unknown.delete(field);
        if (isAmong(where, row.subscriber)) yield row;
        else outside += 1;
      }
    }
  };
  for await (const row of select(among(), suppressed, mailed)) {
    if ('subscriber' in row) sorted.mail(row.subscriber, row.line);
    else if ('exclusion' in row) sorted.exclude(row.exclusion);
    else sorted.fault(row.finding);
    count?.();
  }
  return sorted.readers(outside, unknown);
}
