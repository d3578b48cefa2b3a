import type { Subscriber, Suppression } from '../../audience/audience.ts';
import type { Scratch } from '../../ledger/open-scratch.ts';
import type { Exported, Kept } from './read-exports.ts';

/** What an import comes to; with the broken rows the counts add up to the rows that were read. */
export interface ImportTally {
  new: number;
  updated: number;
  unchanged: number;
  /** By why. */
  readonly skipped: Record<string, number>;
  /** Suppressions that are new here, by reason. */
  readonly suppressed: Record<string, number>;
}

export interface ImportPlan {
  readonly tally: ImportTally;
  /** The fields that the export gives a reader who is to be on the list; null: it says nothing of them, or no more. */
  wanted(key: string): Readonly<Record<string, string>> | null;
  /** All who are to be on the list, in the order of the export, but for those who were settled. */
  all(): Generator<Subscriber>;
  /** Counts what becomes of a reader. */
  settle(key: string, outcome: 'new' | 'updated' | 'unchanged'): void;
  suppressions(): Generator<Suppression>;
}

/**
 * Plans what becomes of the readers in `scratch` on a list. Suppression wins: who is suppressed here (`why`) is not brought
 * back, and who is not to be mailed by the export is suppressed here.
 */
export function planImport(
  exported: Exported,
  scratch: Scratch,
  list: string,
  why: (key: string) => Suppression['reason'] | null,
  now: string,
): ImportPlan {
  const tally: ImportTally = { new: 0, updated: 0, unchanged: 0, skipped: {}, suppressed: {} };
  const count = (counts: Record<string, number>, what: string, by = 1) => {
    counts[what] = (counts[what] ?? 0) + by;
  };
  if (exported.twice > 0) count(tally.skipped, 'the same reader as another row', exported.twice);
  const service = exported.mappings[0]?.mapping.service.title ?? '';
  const keptOf = (value: string) => JSON.parse(value) as Kept;
  for (const [key, value] of scratch.entries()) {
    const [, , standing] = keptOf(value);
    const here = why(key);
    if (standing.kind === 'skipped') count(tally.skipped, standing.why);
    else if (standing.kind === 'suppressed') {
      count(tally.skipped, `${standing.reason} at ${service}`);
      if (here === null) count(tally.suppressed, standing.reason);
    } else if (here !== null) {
      count(tally.skipped, `${here} here: only they themselves can come back`);
      scratch.set(key, SETTLED);
    }
  }
  return {
    tally,
    wanted(key) {
      const value = scratch.get(key);
      if (value === null || value === SETTLED) return null;
      const [, fields, standing] = keptOf(value);
      return standing.kind === 'subscribed' ? fields : null;
    },
    *all() {
      for (const [key, value] of scratch.entries()) {
        if (value === SETTLED) continue;
        const [address, fields, standing] = keptOf(value);
        if (standing.kind === 'subscribed') yield { key, address, fields };
      }
    },
    settle(key, outcome) {
      tally[outcome] += 1;
      scratch.set(key, SETTLED);
    },
    *suppressions() {
      for (const [key, value] of scratch.entries()) {
        const standing = value === SETTLED ? null : keptOf(value)[2];
        if (standing?.kind !== 'suppressed' || why(key) !== null) continue;
        const { reason, everywhere, at } = standing;
        yield { key, list: everywhere ? null : list, reason, at: instantOf(at) ?? now };
      }
    },
  };
}

/** In the scratch, in place of a reader who needs no more thought. */
const SETTLED = '';

/** What of an export's fields is news: a value replaces another, an empty one never does. */
export function newsOf(
  given: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): Record<string, string> | null {
  const news = Object.entries(given).filter(([field, value]) => value !== '' && value !== before[field]);
  return news.length === 0 ? null : Object.fromEntries(news);
}

/** An instant as exports write them, mostly without a zone; null: none. */
function instantOf(text: string): string | null {
  const time = Date.parse(text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?)$/, '$1T$2Z'));
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
