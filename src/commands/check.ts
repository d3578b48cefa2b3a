import { readList } from '../audience/read-list.ts';
import { type WebLink, webLinks } from '../check/broken-links.ts';
import { checkFields } from '../check/check-fields.ts';
import { checkNewsletter } from '../check/check-newsletter.ts';
import type { SupportData } from '../check/client-support.ts';
import { checkClients, checkTemplate } from '../check/clients.ts';
import { type Coverage, openCoverage } from '../check/coverage.ts';
import { formatAnnotation } from '../check/format-annotation.ts';
import { inOrder } from '../check/in-order.ts';
import { silenced } from '../check/silenced.ts';
import type { Context } from '../cli.ts';
import { CONFIG_FILE } from '../config.ts';
import type { FieldUse } from '../email/email.ts';
import { EXIT } from '../exit.ts';
import { docsOf, type Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import type { ListFile } from '../project.ts';
import { showFindings } from '../show-findings.ts';
import { askLinks } from './check/ask-links.ts';
import { openProgress } from './check/open-progress.ts';

interface CheckOptions {
  readonly issues: readonly string[];
  readonly strict?: boolean;
  readonly links?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What is kept of an issue until its list is read and the web is asked. */
interface Checked {
  readonly issue: Issue;
  readonly list: string;
  readonly uses: readonly FieldUse[];
  readonly links: readonly WebLink[];
}

/**
 * `npm run check`: findings over the configuration, the issues named (or all) with their templates, and their lists
 * (or all). Fails on errors, with `--strict` on warnings too. `--links` asks the web for each link. Interrupted, it tells
 * what it found so far.
 */
export default async function check(context: Context, options: CheckOptions): Promise<number> {
  const { app, terminal, signal } = context;
  const quiet = options.quiet === true;
  const { project } = app;
  const { newsletter, githubActions } = app.config;
  const named = options.issues.length > 0;
  const found = named ? await Promise.all(options.issues.map(project.findIssue)) : await project.issues();
  const findings: Finding[] = silenced(checkNewsletter(newsletter, CONFIG_FILE), null, newsletter);

  const { default: data } = await import('caniemail/caniemail.json', { with: { type: 'json' } });
  const support = data as unknown as SupportData;
  const issues: Checked[] = [];
  const progress = openProgress(terminal, 'issues checked', found.length, {
    quiet,
    isTerminal: process.stderr.isTTY === true,
  });
  try {
    for (const one of found) {
      if (signal.aborted) break;
      const { issue, email, findings: own } = await app.render(one);
      findings.push(...own);
      if (issue && email)
        findings.push(...silenced(checkClients(issue, email, newsletter, support), issue, newsletter));
      // Not the mails themselves: hundreds of issues would fill the memory.
      if (issue)
        issues.push({
          issue,
          list: issue.list ?? newsletter.list,
          uses: email?.fields ?? [],
          links: webLinks(issue, email?.links ?? [], newsletter.siteUrl),
        });
      progress.step();
    }
  } finally {
    progress.close();
  }

  for (const name of new Set(issues.map(({ issue }) => issue.template ?? newsletter.template))) {
    const template = await project.template(name);
    // One that is not there was told where it is named.
    if (!('findings' in template))
      findings.push(...silenced(checkTemplate(template, support), null, newsletter));
  }

  if (options.links) {
    const broken = await askLinks(
      context,
      issues.flatMap(({ links }) => links),
      quiet,
    );
    for (const { issue } of issues)
      findings.push(
        ...silenced(
          broken.filter(({ path }) => path === issue.path),
          issue,
          newsletter,
        ),
      );
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
  if (options.json) terminal.print(JSON.stringify(all.map((one) => ({ ...one, docs: docsOf(one.rule) }))));
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
  if (signal.aborted) {
    terminal.insist('Interrupted: not everything was looked at.');
    return EXIT.interrupted;
  }
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
