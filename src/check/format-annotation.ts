import type { Finding, Severity } from '../finding.ts';

const COMMAND: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', advice: 'notice' };

/**
 * A GitHub Actions annotation: `::error file=…,line=…,col=…,title=…::message`, one line. Escaped as the runner undoes
 * it (actions/toolkit, packages/core/src/command.ts): an author's words must never begin a workflow command of their own.
 */
export function formatAnnotation(finding: Finding): string {
  const { severity, path, line, column, rule, message, hint } = finding;
  const properties = [
    `file=${property(path)}`,
    `line=${line}`,
    `col=${column}`,
    `title=${property(rule)}`,
  ].join(',');
  return `::${COMMAND[severity]} ${properties}::${data(hint ? `${message} ${hint}` : message)}`;
}

/** The other line ends of Unicode are not the runner's, but logs show them as line ends. */
function data(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replace(/[\u0085\u2028\u2029\v\f]/g, ' ');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
