import type { Email, Template } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import type { Newsletter } from '../newsletter.ts';
import { programsWith, type SupportData, usedInCss, usedInMail, usedInTags } from './client-support.ts';
import { found, type Place } from './found.ts';
import { inOrder } from './in-order.ts';
import { gather } from './material.ts';

const FAMILIES = ['gmail', 'outlook', 'apple-mail', 'yahoo'];

/** Elements that are plain words where they are not known: nothing is lost. */
const WORDS = ['abbr', 'acronym', 'address', 'bdi', 'code', 'del', 'dfn', 'small', 'strike', 'wbr'];

/** What the shipped template uses though some program lacks it; it was looked at without each of them. */
const SHIPPED = [
  'css-at-media',
  'css-at-media-prefers-color-scheme',
  'css-color-scheme',
  'css-display-none',
  'css-height',
  'css-max-height',
  'css-opacity',
  'css-overflow',
  'css-table-layout',
  'css-text-wrap',
  'css-white-space',
  'css-word-break',
  'html-style',
];

const KNOWN = new Set([...WORDS.map((name) => `html-${name}`), ...SHIPPED]);

/**
 * What an author's raw HTML uses that Gmail, Outlook, Apple Mail or Yahoo do not support, by caniemail.com's `support`,
 * beyond what the shipped template allows itself. Most of such CSS does not come into the mail at all, and then that is
 * said; of elements that were taken out the compiler tells.
 */
export function checkClients(
  issue: Issue,
  email: Email,
  newsletter: Newsletter,
  support: SupportData,
): Finding[] {
  const { prose, html, at } = gather(issue, email, newsletter);
  const written = usedInTags(prose);
  if (written.length === 0) return [];
  const mailed = usedInMail(html);
  return tell(
    written.filter(([name]) => name.startsWith('css-') || mailed.has(name)),
    at,
    support,
    (name) => !mailed.has(name),
  );
}

/** The same of a template that was changed: its MJML, its partials and its style sheet, each where it stands. */
export function checkTemplate(template: Template, support: SupportData): Finding[] {
  const styles = { path: template.path.replace(/\.mjml$/, '.css'), source: template.css };
  return [template, ...Object.values(template.partials), styles].flatMap(({ path, source }) => {
    const attributes = [...source.matchAll(/\s([a-z-]{2,40})="([^"]{0,200})"/g)].flatMap(
      ({ 1: name, 2: value, index }): [string, number][] => [
        [`css-${name}`, index + 1],
        [`css-${name}-${value}`, index + 1],
      ],
    );
    const at = (offset: number): Place => {
      const above = source.slice(0, offset).split('\n');
      return { path, line: above.length, column: above.at(-1)!.length + 1 };
    };
    return tell([...usedInTags(source), ...usedInCss(source, 0), ...attributes], at, support);
  });
}

/** Each feature once, where it is used first, in the order of the file. */
function tell(
  used: readonly (readonly [string, number])[],
  at: (offset: number) => Place,
  support: SupportData,
  isLeftOut: (name: string) => boolean = () => false,
): Finding[] {
  const firsts = new Map(used.toSorted(([, one], [, other]) => other - one));
  const findings = support.data.flatMap(({ slug, title, stats }) => {
    const offset = firsts.get(slug);
    if (offset === undefined || KNOWN.has(slug)) return [];
    const programs = programsWith('n', stats, FAMILIES);
    if (programs.length === 0) return [];
    return [
      found(
        'client-support',
        at(offset),
        `${title} is not supported by ${programs.join(', ')} (caniemail.com, ${support.last_update_date.slice(0, 10)})${isLeftOut(slug) ? ', so it is left out' : ''}.`,
        'See in the preview that it reads well without.',
      ),
    ];
  });
  return inOrder(findings);
}
