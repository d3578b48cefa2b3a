import type { Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import type { Newsletter } from '../newsletter.ts';

/**
 * Findings without those whose rule the issue's front matter or the configuration silences. Errors stay: they stop a
 * build, and what stops it must be seen. `issue` null: only the configuration counts.
 */
export function silenced(
  findings: readonly Finding[],
  issue: Pick<Issue, 'silence'> | null,
  newsletter: Pick<Newsletter, 'silence'>,
): Finding[] {
  const rules = new Set([...newsletter.silence, ...(issue?.silence ?? [])]);
  return findings.filter(({ rule, severity }) => severity === 'error' || !rules.has(rule));
}
