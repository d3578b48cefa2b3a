import type { Severity } from '../finding.ts';

/** How addresses in an issue become addresses in a mail. */
export interface Resolver {
  /** Relative addresses on the website; all others as they are. */
  resolve(href: string): string;
  /** The website's address of a relative path; null without a website. */
  onSite(path: string): string | null;
  fault(href: string): { severity: Severity; rule: string; message: string; hint: string } | null;
}

const UNSAFE = /^\s*(?:javascript|vbscript|data|file|blob):/i;

/** `siteUrl` as in the config, `webPath` the issue's own address there, `ids` what fragments may point to. */
export function openResolver(siteUrl: string | null, webPath: string, ids: ReadonlySet<string>): Resolver {
  const base = siteUrl === null ? null : `${siteUrl}${webPath}`;
  const isRelative = (href: string) =>
    href !== '' && !href.startsWith('#') && !/^[a-z][a-z\d+.-]*:/i.test(href) && !href.startsWith('//');
  const onSite = (path: string) =>
    base !== null && URL.canParse(path, base) ? new URL(path, base).href : null;
  return {
    onSite,
    resolve(href) {
      if (href.startsWith('//')) return `https:${href}`;
      return isRelative(href) ? (onSite(href) ?? href) : href;
    },
    fault(href) {
      if (UNSAFE.test(href))
        return {
          severity: 'warning',
          rule: 'html-removed',
          message: `A ${href.trim().split(':')[0]}: link was taken out.`,
          hint: 'Use an https address.',
        };
      if (isRelative(href) && base === null)
        return {
          severity: 'warning',
          rule: 'relative-link',
          message: `"${href.slice(0, 80)}" is relative and leads nowhere in a mail.`,
          hint: 'Set "siteUrl" in newsletter.config.ts, or write the whole address.',
        };
      if (href.startsWith('#') && href.length > 1 && !ids.has(decode(href.slice(1))))
        return {
          severity: 'warning',
          rule: 'fragment',
          message: `Nothing here is called "${href}".`,
          hint: 'Link to a heading of this issue.',
        };
      return null;
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
