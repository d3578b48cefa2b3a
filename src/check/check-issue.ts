import type { CompiledEmail } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import type { Newsletter } from '../newsletter.ts';
import { checkAccessibility } from './accessibility.ts';
import { checkImages } from './images.ts';
import { inOrder } from './in-order.ts';
import { checkLeftovers } from './leftovers.ts';
import { checkLegal } from './legal.ts';
import { checkLinks } from './links.ts';
import { gather } from './material.ts';
import { checkSize } from './size.ts';
import { checkSpamWords } from './spam-words.ts';
import { checkSubject } from './subject.ts';

/**
 * What an author would want to know about one compiled issue, in the order of the file. Reading and compiling have
 * findings of their own, under other rules. An issue that did not compile gives none. Silence is not applied.
 */
export function checkIssue(issue: Issue, compiled: CompiledEmail, newsletter: Newsletter): Finding[] {
  if (!compiled.email) return [];
  const material = gather(issue, compiled.email, newsletter);
  const families = [
    checkSubject,
    checkLinks,
    checkImages,
    checkAccessibility,
    checkSize,
    checkLeftovers,
    checkSpamWords,
    checkLegal,
  ];
  return inOrder(families.flatMap((family) => family(material)));
}
