import type { Target } from '../../audience/target.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Newsletter } from '../../newsletter.ts';
import { openArchive } from '../../web/archive/open-archive.ts';

/**
 * May the public archive show an issue for having gone to this target? What goes to a part of a list is for that part,
 * perhaps for those who pay, and what corrects an issue is shown where that one is; unless the front matter says which.
 */
export async function isArchived(
  ledger: Ledger,
  newsletter: Newsletter,
  { archive, errataFor }: Issue,
  target: Target,
): Promise<boolean> {
  if (archive !== null) return archive;
  if (errataFor === null) return target.where === null;
  return (await openArchive(ledger, newsletter, null).issues()).some(({ slug }) => slug === errataFor);
}
