import { targetOf } from '../audience/target.ts';
import { type WebLink, webLinks } from '../check/broken-links.ts';
import { checkNewsletter } from '../check/check-newsletter.ts';
import type { SupportData } from '../check/client-support.ts';
import { checkClients, checkTemplate } from '../check/clients.ts';
import { formatAnnotation } from '../check/format-annotation.ts';
import { inOrder } from '../check/in-order.ts';
import { silenced } from '../check/silenced.ts';
import type { Context } from '../cli.ts';
import { CONFIG_FILE } from '../config.ts';
import type { FieldUse } from '../email/email.ts';
import { EXIT } from '../exit.ts';
import { docsOf, type Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import type { FoundIssue } from '../project.ts';
import { showFindings } from '../show-findings.ts';
import { askLinks } from './check/ask-links.ts';
import { checkTarget } from './check/check-target.ts';
import { openProgress } from './check/open-progress.ts';

interface CheckOptions {
  readonly issues: readonly string[];
  readonly strict?: boolean;
  readonly links?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What is kept of an issue. Not the mail itself: hundreds of them would fill the memory. */
interface Checked {
  readonly issue: Issue;
  readonly list: string;
  readonly template: string;
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
  const { project } = app;
  const { newsletter } = app.config;
  const quiet = options.quiet === true;
  const named = options.issues.length > 0;
  const found = named ? await Promise.all(options.issues.map(project.findIssue)) : await project.issues();
  const findings: Finding[] = silenced(checkNewsletter(newsletter, CONFIG_FILE), null, newsletter);

  const { default: data } = await import('caniemail/caniemail.json', { with: { type: 'json' } });
  const support = data as unknown as SupportData;
  const checked = await checkIssues(context, found, support, quiet, findings);
  findings.push(...(await checkTemplates(context, checked, support)));
  if (options.links) findings.push(...(await checkLinks(context, checked, quiet)));
  const segments = Object.keys(newsletter.segments);
  const targets = new Set([
    ...checked.map(({ list }) => list),
    ...(named ? [] : [...(await project.lists()), ...segments]),
  ]);
  const lists = new Set<string>();
  for (const name of targets) {
    if (signal.aborted) break;
    const target = targetOf(newsletter, name);
    // A list's rows are told of once, however many segments it has.
    const again = lists.has(target.list);
    lists.add(target.list);
    findings.push(...(await checkTarget(context, name, target, checked, again)));
  }

  const all = inOrder(findings);
  await show(context, all, options.json === true);
  const count = (severity: Finding['severity']) => all.filter((one) => one.severity === severity).length;
  const [errors, warnings, advice] = [count('error'), count('warning'), count('advice')];
  const failed = errors > 0 || (options.strict === true && warnings > 0);
  const result = [
    errors && plural(errors, 'error'),
    warnings && plural(warnings, 'warning'),
    advice && plural(advice, 'piece').concat(' of advice'),
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

/** Compiles and checks issue by issue; what is found goes to `findings`, of issues that cannot be read too. */
async function checkIssues(
  { app, terminal, signal }: Context,
  found: readonly FoundIssue[],
  support: SupportData,
  quiet: boolean,
  findings: Finding[],
): Promise<Checked[]> {
  const { newsletter } = app.config;
  const checked: Checked[] = [];
  const isTerminal = process.stderr.isTTY === true;
  const progress = openProgress(terminal, 'issues checked', found.length, { quiet, isTerminal });
  try {
    for (const one of found) {
      if (signal.aborted) break;
      const { issue, email, findings: own } = await app.render(one);
      findings.push(...own);
      progress.step();
      if (!issue) continue;
      if (email)
        findings.push(...silenced(checkClients(issue, email, newsletter, support), issue, newsletter));
      checked.push({
        issue,
        list: issue.list ?? newsletter.list,
        template: issue.template ?? newsletter.template,
        uses: email?.fields ?? [],
        links: webLinks(issue, email?.links ?? [], newsletter.siteUrl),
      });
    }
    return checked;
  } finally {
    progress.close();
  }
}

/** One that is not there was told where it is named. */
async function checkTemplates(
  { app }: Context,
  checked: readonly Checked[],
  support: SupportData,
): Promise<Finding[]> {
  const names = [...new Set(checked.map(({ template }) => template))];
  const templates = await Promise.all(names.map(app.project.template));
  const findings = templates.flatMap((one) => ('findings' in one ? [] : checkTemplate(one, support)));
  return silenced(findings, null, app.config.newsletter);
}

async function checkLinks(context: Context, checked: readonly Checked[], quiet: boolean): Promise<Finding[]> {
  const broken = await askLinks(
    context,
    checked.flatMap(({ links }) => links),
    quiet,
  );
  const byIssue = Map.groupBy(broken, ({ path }) => path);
  return checked.flatMap(({ issue }) =>
    silenced(byIssue.get(issue.path) ?? [], issue, context.app.config.newsletter),
  );
}

/** As data, as annotations beside the lines of a pull request, or for a person. */
async function show(context: Context, findings: readonly Finding[], json: boolean): Promise<void> {
  const { app, terminal } = context;
  if (json) terminal.print(JSON.stringify(findings.map((one) => ({ ...one, docs: docsOf(one.rule) }))));
  else if (app.config.githubActions) for (const one of findings) terminal.print(formatAnnotation(one));
  else await showFindings(context, findings);
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
