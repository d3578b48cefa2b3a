import type { LinkUse } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import { found, type Place } from './found.ts';
import { isPrivateHost } from './private-host.ts';

/** A link that the web can be asked about, and where it stands. */
export interface WebLink extends Place {
  /** Whole, without the fragment, which no server is told. */
  readonly address: string;
}

/**
 * The links of an issue that lead to the web, relative ones on `siteUrl`. Left out: addresses that a merge field changes
 * for each reader, and private ones, which `link-private` reports.
 */
export function webLinks(issue: Issue, links: readonly LinkUse[], siteUrl: string | null): WebLink[] {
  const base = siteUrl === null ? undefined : `${siteUrl}${issue.webPath ?? `/${issue.slug}`}`;
  return links.flatMap(({ href, kind, line, column }) => {
    const whole = href.startsWith('//') ? `https:${href}` : href;
    if (kind !== 'link' || href === '' || href.includes('{{') || !URL.canParse(whole, base)) return [];
    const url = new URL(whole, base);
    if (!/^https?:$/.test(url.protocol) || isPrivateHost(url.hostname)) return [];
    url.hash = '';
    return [{ address: url.href, path: issue.path, line, column }];
  });
}

/** What servers say to programs while people get the page: a login, a limit, a defence; 999 is LinkedIn's. */
const REFUSALS = [401, 403, 405, 406, 407, 429, 451, 503, 999];

/** What asking gave, as far as it is judged here; see `transport/probe-link.ts`. */
interface Asked {
  readonly works: boolean;
  readonly status: number | null;
  readonly words: string;
}

/** Was the page neither shown nor missed, so that only a person can tell? */
export function isRefusal({ status }: Asked): boolean {
  return status !== null && REFUSALS.includes(status);
}

/** Links whose address gives no page, by the answers to their addresses; those that were not asked are not told. */
export function brokenLinks(links: readonly WebLink[], answers: ReadonlyMap<string, Asked>): Finding[] {
  return links.flatMap((link) => {
    const answer = answers.get(link.address);
    if (!answer || answer.works || isRefusal(answer)) return [];
    const address = link.address.length > 120 ? `${link.address.slice(0, 119)}…` : link.address;
    return [
      found(
        'link-broken',
        link,
        `${address} gives readers no page: ${answer.words}.`,
        'Correct the address, or link to a copy of the page.',
      ),
    ];
  });
}
