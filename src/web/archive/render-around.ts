import { html } from 'hono/html';
import type { Email } from '../../email/email.ts';
import type { Newsletter } from '../../newsletter.ts';
import { pageWordsFor } from '../../words/page-words.ts';

/** What a public page of an issue says of itself to programs. */
export function publicHead(newsletter: Newsletter, slug: string, title: string, summary: string): string {
  const { name } = newsletter;
  const base = archiveUrl(newsletter);
  return String(
    html`${summary ? html`<meta name="description" content="${summary}">` : ''}
${base ? html`<link rel="canonical" href="${base}${encodeURIComponent(slug)}/">` : ''}
<link rel="alternate" type="application/atom+xml" href="../atom.xml" title="${name}">
<meta property="og:type" content="article"><meta property="og:title" content="${title}"><meta property="og:site_name" content="${name}">
`,
  );
}

/** The way on from an issue: to all of them, and to a subscription where there is a server for it. */
export function pageNav({ brand, publicUrl, lang }: Newsletter, email: Email, archive: string): string {
  const { words, lang: own } = pageWordsFor(
    email.lang.split('-')[0] === lang.split('-')[0] ? email.lang : lang,
  );
  return String(
    html`<style>.around { margin: 0; padding: 14px 20px; text-align: center; font: 15px/1.5 Helvetica, Arial, sans-serif; background: ${brand.background}; color: ${brand.muted}; } .around a { color: ${brand.muted}; display: inline-block; padding: 4px 8px; }
body { background-color: ${brand.background}; }
@media (prefers-color-scheme: dark) { body { background-color: #121110 !important; } .around { background: #121110; color: #b3aba0; } .around a { color: #b3aba0; } }</style>
<nav class="around" lang="${own}"><a href="${archive}">${words.archive}</a>${publicUrl ? html` <a href="${publicUrl}/subscribe">${words.subscribe}</a>` : ''}</nav>`,
  );
}

/** Where the archive is on the web; null: nobody said. */
export function archiveUrl({ publicUrl, siteUrl }: Newsletter): string | null {
  const base = publicUrl ?? siteUrl;
  return base === null ? null : `${base}/archive/`;
}
