import { formatAnnotation } from '../../check/format-annotation.ts';
import type { Context } from '../../cli.ts';
import type { Finding } from '../../finding.ts';
import { showFindings } from '../../show-findings.ts';

/** In a log of GitHub Actions as annotations, which stand beside the lines of the file; else for a person. */
export async function report(context: Context, findings: readonly Finding[]): Promise<void> {
  if (context.app.config.githubActions)
    for (const finding of findings) context.terminal.insist(formatAnnotation(finding));
  else await showFindings(context, findings);
}
