import { readList } from '../audience/read-list.ts';
import { checkFields } from '../check/check-fields.ts';
import { checkNewsletter } from '../check/check-newsletter.ts';
import { type Coverage, openCoverage } from '../check/coverage.ts';
import { formatAnnotation } from '../check/format-annotation.ts';
import { inOrder } from '../check/in-order.ts';
import { silenced } from '../check/silenced.ts';
import type { Context } from '../cli.ts';
import { CONFIG_FILE } from '../config.ts';
import type { FieldUse } from '../email/email.ts';
import { EXIT } from '../exit.ts';
import type { Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import type { ListFile } from '../project.ts';
import { showFindings } from '../show-findings.ts';

interface CheckOptions {
  readonly issues: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
}

/**
 * `npm run check`: findings over the configuration, the issues named (or all) with their templates, and their lists
 * (or all). Fails on errors, with `--strict` on warnings too.
 */
export default async function check(context: Context, options: CheckOptions): Promise<number> {
  const { app, terminal } = context;
  const { project } = app;
  const { newsletter, githubActions } = app.config;
  const named = options.issues.length > 0;
  const found = named ? await Promise.all(options.issues.map(project.findIssue)) : await project.issues();
  const findings: Finding[] = silenced(checkNewsletter(newsletter, CONFIG_FILE), null, newsletter);

  const issues: { issue: Issue; list: string; uses: readonly FieldUse[] }[] = [];
  for (const one of found) {
    const { issue, email, findings: own } = await app.render(one);
    findings.push(...own);
    if (issue) issues.push({ issue, list: issue.list ?? newsletter.list, uses: email?.fields ?? [] });
  }

  const lists = new Set([...issues.map(({ list }) => list), ...(named ? [] : await project.lists())]);
  for (const name of lists) {
    const users = issues.filter(({ list }) => list === name);
    const list = await project.list(name);
    if ('findings' in list) {
      findings.push(
        ...list.findings.flatMap((finding) => users.map(({ issue }) => missingList(issue, finding))),
      );
      continue;
    }
    const read = await readWhole(
      list,
      users.flatMap(({ uses }) => uses),
    );
    findings.push(...read.findings);
    for (const { issue, uses } of users)
      findings.push(...silenced(checkFields(uses, read.coverage), issue, newsletter));
  }

  const all = inOrder(findings);
  if (options.json) terminal.print(JSON.stringify(all));
  else if (githubActions) for (const finding of all) terminal.print(formatAnnotation(finding));
  else await showFindings(context, all);
  const count = (severity: Finding['severity']) => all.filter((one) => one.severity === severity).length;
  const errors = count('error');
  const warnings = count('warning');
  const failed = errors > 0 || (options.strict === true && warnings > 0);
  const result = [
    errors && plural(errors, 'error'),
    warnings && plural(warnings, 'warning'),
    count('advice') && plural(count('advice'), 'piece').concat(' of advice'),
  ].filter(Boolean);
  terminal.say(
    `${plural(found.length, 'issue')}, ${plural(lists.size, 'list')}: ${
      result.length > 0
        ? terminal.paint(failed ? 'red' : 'bold', result.join(', '))
        : terminal.paint('green', 'nothing to mend')
    }`,
  );
  return failed ? EXIT.findings : EXIT.ok;
}

/** Streams a list to its end: what cannot be read, and who lacks which field. */
async function readWhole(
  list: ListFile,
  uses: readonly FieldUse[],
): Promise<{ findings: Finding[]; coverage: Coverage }> {
  const findings: Finding[] = [];
  const { add, coverage } = openCoverage(uses);
  for await (const row of readList(list.path, list.chunks())) {
    if ('finding' in row) findings.push(row.finding);
    else add(row.subscriber, row.line);
  }
  return { findings, coverage: coverage() };
}

/** Said where the list is named. A newsletter that is new may not have its first list yet: that is no error. */
function missingList({ list, path, keys }: Issue, finding: Finding): Finding {
  if (list === null) return { ...finding, severity: 'advice', path: CONFIG_FILE };
  return { ...finding, path, ...(keys.list ?? {}) };
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
