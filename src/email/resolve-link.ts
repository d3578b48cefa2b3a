import { isLinkable, schemeOf } from './markdown/schemes.ts';
import type { Place, Report } from './report.ts';

/** How addresses in an issue become addresses in a mail. */
export interface Resolver {
  /** Relative addresses on the website; all others as they are; '' for one that must not be in a mail. */
  resolve(href: string): string;
  /** The website's address of a relative path; null without a website. */
  onSite(path: string): string | null;
  /** Reports what is wrong with an address. */
  check(href: string, at: Place, report: Report): void;
}

/**
 * `siteUrl` as in the config, `webPath` the issue's own address there, `ids` what fragments may point to; `isHole`
 * tells an address that a merge field begins.
 */
export function openResolver(
  siteUrl: string | null,
  webPath: string,
  ids: ReadonlySet<string>,
  isHole: (href: string) => boolean,
): Resolver {
  const base = siteUrl === null ? null : `${siteUrl}${webPath}`;
  const isRelative = (href: string) =>
    href !== '' && !href.startsWith('#') && !href.startsWith('//') && schemeOf(href) === '' && !isHole(href);
  const onSite = (path: string) =>
    base !== null && URL.canParse(path, base) ? new URL(path, base).href : null;
  return {
    onSite,
    resolve(href) {
      if (!isLinkable(href)) return '';
      if (href.startsWith('//')) return `https:${href}`;
      return isRelative(href) ? (onSite(href) ?? href) : href;
    },
    check(href, at, report) {
      if (!isLinkable(href))
        report(
          'warning',
          'html-removed',
          at,
          `A ${schemeOf(href)}: link was taken out.`,
          'Use an https address.',
        );
      else if (isRelative(href) && base === null)
        report(
          'warning',
          'relative-link',
          at,
          `"${href.slice(0, 80)}" is relative and leads nowhere in a mail.`,
          'Set "siteUrl" in newsletter.config.ts, or write the whole address.',
        );
      else if (href.startsWith('#') && href.length > 1 && !ids.has(decode(href.slice(1))))
        report(
          'warning',
          'fragment',
          at,
          `Nothing here is called "${href.slice(0, 80)}".`,
          'Link to a heading of this issue.',
        );
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
