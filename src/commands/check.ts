import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import type { Finding } from '../finding.ts';

/** `npm run check`: findings over the issues named, or all of them. */
export default async function check(
  { app, terminal }: Context,
  options: { readonly issues: readonly string[]; readonly strict?: boolean; readonly json?: boolean },
): Promise<number> {
  const { project, config } = app;
  const found =
    options.issues.length > 0
      ? await Promise.all(options.issues.map(project.findIssue))
      : await project.issues();
  const findings: Finding[] = [];
  for (const one of found) {
    const { issue, findings: own } = await app.render(one);
    const silent = new Set([...config.newsletter.silence, ...(issue?.silence ?? [])]);
    findings.push(...own.filter(({ rule, severity }) => severity === 'error' || !silent.has(rule)));
  }
  if (options.json) terminal.print(JSON.stringify(findings));
  else if (config.githubActions) for (const finding of findings) terminal.print(annotation(finding));
  else terminal.findings(findings);
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  terminal.say(
    `${found.length} issues: ${count('error')} errors, ${count('warning')} warnings, ${count('advice')} pieces of advice`,
  );
  return count('error') > 0 || (options.strict && count('warning') > 0) ? EXIT.findings : EXIT.ok;
}

/** A workflow command of GitHub Actions; its separators are escaped, or an author's text could give other commands. */
function annotation({ severity, path, line, column, message, hint, rule }: Finding): string {
  const kind = severity === 'error' ? 'error' : severity === 'warning' ? 'warning' : 'notice';
  const data = (text: string) => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  const property = (text: string) => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
  return `::${kind} file=${property(path)},line=${line},col=${column},title=${property(rule)}::${data(`${message} ${hint}`)}`;
}
