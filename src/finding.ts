/** The one shape of everything that is reported about an author's files. A leaf: imports nothing. */

export type Severity = 'error' | 'warning' | 'advice';

/** Something to mend in a file. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Finding {
  /** Kebab-case name, `image-missing`; the key by which a rule is silenced. */
  readonly rule: string;
  /** `error` stops a build or a send; `warning` and `advice` do not (`check --strict` fails on warnings). */
  readonly severity: Severity;
  /** As the author would type it, relative to where the command ran. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** What is wrong. */
  readonly message: string;
  /** How to mend it; '' when the message says it. */
  readonly hint: string;
}

/** `path:line:column: message. hint` on one line, as editors and terminals link it. */
export function formatFinding(finding: Finding): string {
  const { path, line, column, severity, message, hint, rule } = finding;
  return `${path}:${line}:${column} ${severity} ${message}${hint ? ` ${hint}` : ''} (${rule})`;
}

/** Where a rule is explained: each has a row in the README's section "Rules", with an anchor. */
export function docsOf(rule: string): string {
  return `README.md#rule-${rule}`;
}
