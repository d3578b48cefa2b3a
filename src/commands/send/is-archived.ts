import type { Target } from '../../audience/target.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/**
 * May the public archive show an issue that goes to this target? As its front matter says; else what goes to a part of a
 * list is for that part, perhaps for those who pay, and what corrects an issue is shown where that one is.
 */
export async function isArchived(ledger: Ledger, issue: Issue, target: Target): Promise<boolean> {
  if (issue.archive !== null) return issue.archive;
  if (issue.errataFor === null) return target.where === null;
  const corrected = await ledger.campaigns(issue.errataFor);
  return corrected.some(({ sender }) => sender.archived !== false);
}
