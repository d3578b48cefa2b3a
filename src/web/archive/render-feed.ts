import { Feed } from 'feed';
import type { Newsletter } from '../../newsletter.ts';
import type { ArchivedIssue } from './open-archive.ts';

/** So many issues are in a feed; the index has all. */
const MOST = 50;

/** The archive as Atom (RFC 4287) and RSS 2.0. `base` is the archive's address, with a slash at its end. */
export function renderFeeds(
  newsletter: Newsletter,
  issues: readonly ArchivedIssue[],
  base: string,
): { readonly atom: string; readonly rss: string } {
  const { name, lang, brand } = newsletter;
  const feed = new Feed({
    id: base,
    link: base,
    title: name,
    description: brand.tagline ?? name,
    language: lang,
    copyright: '',
    generator: false,
    // The newest issue's time: the same archive gives the same bytes.
    updated: new Date(issues[0]?.at ?? 0),
    feedLinks: { atom: `${base}atom.xml`, rss: `${base}rss.xml` },
    author: { name },
  });
  for (const { slug, title, summary, at } of issues.slice(0, MOST)) {
    const link = `${base}${encodeURIComponent(slug)}/`;
    const date = new Date(at);
    feed.addItem({
      id: link,
      link,
      title: htmlText(title || slug),
      description: htmlText(summary),
      date,
      published: date,
    });
  }
  return { atom: feed.atom1(), rss: feed.rss2() };
}

/**
 * Text as the HTML that feeds hold. Escaped, no title can be markup, nor end the CDATA section in which it is put (XML
 * 1.0 §2.7); most control characters have no place in XML (§2.2).
 */
function htmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff]+/gu, ' ')
    .replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
