import type { Subscriber, Suppression } from '../../audience/audience.ts';
import type { ListEdit } from '../../audience/edit-list.ts';
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
  /** How the list is to be edited; the tally is whole when its text was written. */
  readonly edit: ListEdit;
  suppressions(): Generator<Suppression>;
}

/** In the scratch, for who stands on the list already. */
const TAKEN = '';

/**
 * Plans what becomes of the readers in `scratch` on a list. Suppression wins: who is suppressed here is not brought back,
 * and who is not to be mailed by the export is suppressed here. A value replaces the list's, an empty one never does.
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
  for (const [key, value] of scratch.entries()) {
    const [, , standing] = JSON.parse(value) as Kept;
    if (standing.kind === 'skipped') count(tally.skipped, standing.why);
    else if (standing.kind === 'suppressed') {
      count(tally.skipped, `${standing.reason} at ${service}`);
      if (why(key) === null) count(tally.suppressed, standing.reason);
    } else {
      const here = why(key);
      if (here !== null) count(tally.skipped, `${here} here: only they themselves can come back`);
    }
  }
  const wanted = (key: string): Kept | null => {
    const value = scratch.get(key);
    if (value === null || value === TAKEN) return null;
    const kept = JSON.parse(value) as Kept;
    return kept[2].kind === 'subscribed' && why(key) === null ? kept : null;
  };
  return {
    tally,
    edit: {
      columns: [...exported.fields],
      change({ key, fields }: Subscriber) {
        const kept = wanted(key);
        if (kept === null) return null;
        scratch.set(key, TAKEN);
        const given = Object.entries(kept[1]).filter(
          ([field, value]) => value !== '' && value !== fields[field],
        );
        if (given.length === 0) {
          tally.unchanged += 1;
          return null;
        }
        tally.updated += 1;
        return Object.fromEntries(given);
      },
      *added() {
        for (const [key] of scratch.entries()) {
          const kept = wanted(key);
          if (kept === null) continue;
          tally.new += 1;
          yield { key, address: kept[0], fields: kept[1] };
        }
      },
    },
    *suppressions() {
      for (const [key, value] of scratch.entries()) {
        const standing = value === TAKEN ? null : (JSON.parse(value) as Kept)[2];
        if (standing?.kind !== 'suppressed' || why(key) !== null) continue;
        const { reason, everywhere, at } = standing;
        yield { key, list: everywhere ? null : list, reason, at: instantOf(at) ?? now };
      }
    },
  };
}

function instantOf(text: string): string | null {
  const time =
    text === ''
      ? Number.NaN
      : Date.parse(/\d\d:\d\d/.test(text) ? text.replace(/^(\S+) (\S+)$/, '$1T$2Z') : text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
