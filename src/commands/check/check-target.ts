import { readList } from '../../audience/read-list.ts';
import { isAmong, type Target } from '../../audience/target.ts';
import { checkFields } from '../../check/check-fields.ts';
import { type Coverage, openCoverage } from '../../check/coverage.ts';
import { silenced } from '../../check/silenced.ts';
import type { Context } from '../../cli.ts';
import { CONFIG_FILE } from '../../config.ts';
import type { FieldUse } from '../../email/email.ts';
import { fieldsOf } from '../../expression.ts';
import type { Finding } from '../../finding.ts';
import type { Issue } from '../../issue/issue.ts';
import type { ListFile } from '../../project.ts';

/** An issue with the fields that it uses, and the name of its list or segment. */
interface Listed {
  readonly issue: Issue;
  readonly list: string;
  readonly uses: readonly FieldUse[];
}

/**
 * What is wrong with a list or a segment, and what the issues that go to it ask of it in vain. `again`: the list's own rows
 * were told of already.
 */
export async function checkTarget(
  { app }: Context,
  name: string,
  target: Target,
  checked: readonly Listed[],
  again: boolean,
): Promise<Finding[]> {
  const { newsletter } = app.config;
  const users = checked.filter(({ list }) => list === name);
  const isSegment = Object.hasOwn(newsletter.segments, name);
  const list = await app.project.list(target.list);
  if ('findings' in list)
    return list.findings.flatMap((one) =>
      isSegment
        ? [{ ...one, path: CONFIG_FILE }]
        : users.map(({ issue }) => missingList(issue, one, Object.hasOwn(newsletter.lists, target.list))),
    );
  const { findings, coverage, unknown } = await readWhole(
    list,
    target,
    users.flatMap(({ uses }) => uses),
  );
  const clash = isSegment && (await app.project.lists()).includes(name);
  return [
    ...(again ? [] : findings),
    ...(clash ? [segmentFault(`"${name}" is a list and a segment; the segment counts.`, 'Rename one.')] : []),
    ...unknown.map((field) =>
      segmentFault(
        `The segment "${name}" asks for a field "${field}", which nobody on "${target.list}" has.`,
        `Correct it, or add the column to ${list.path}.`,
      ),
    ),
    ...users.flatMap(({ issue, uses }) => silenced(checkFields(uses, coverage), issue, newsletter)),
  ];
}

function segmentFault(message: string, hint: string): Finding {
  return { rule: 'segment', severity: 'error', path: CONFIG_FILE, line: 1, column: 1, message, hint };
}

/** Streams a list to its end: what cannot be read, who of the target lacks which field, and fields that nobody has. */
async function readWhole(
  list: ListFile,
  { where }: Target,
  uses: readonly FieldUse[],
): Promise<{ findings: Finding[]; coverage: Coverage; unknown: string[] }> {
  const findings: Finding[] = [];
  const { add, coverage } = openCoverage(uses);
  const unknown = new Set(where === null ? [] : fieldsOf(where));
  let rows = 0;
  unknown.delete('email');
  for await (const row of readList(list.path, list.chunks())) {
    if ('finding' in row) findings.push(row.finding);
    else {
      rows += 1;
      for (const field of unknown) if (Object.hasOwn(row.subscriber.fields, field)) unknown.delete(field);
      if (isAmong(where, row.subscriber)) add(row.subscriber, row.line);
    }
  }
  return { findings, coverage: coverage(), unknown: rows === 0 ? [] : [...unknown] };
}

/**
 * Said where the list is named. It is no error of a list that the configuration describes, for its readers may be in the
 * ledger alone, nor of a newsletter that is new and has not its first list yet.
 */
function missingList({ list, path, keys }: Issue, finding: Finding, isDescribed: boolean): Finding {
  const at = list === null ? { path: CONFIG_FILE } : { path, ...(keys.list ?? {}) };
  return { ...finding, ...at, ...(list === null || isDescribed ? { severity: 'advice' } : {}) };
}
