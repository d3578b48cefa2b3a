import { html } from 'hono/html';
import type { Newsletter } from '../../newsletter.ts';
import type { Markup, Pages } from '../pages.ts';
import type { ArchivedIssue } from './open-archive.ts';

/** What the index of the archive holds, below its title. */
export function renderIndex(
  newsletter: Newsletter,
  pages: Pages,
  issues: readonly ArchivedIssue[],
): Markup[] {
  const { words, lang } = pages;
  const day = new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'UTC' });
  const list =
    issues.length === 0
      ? html`<p>${words.archiveEmpty}</p>`
      : html`<ol class="issues">${issues.map(
          ({ slug, title, summary, lang: own, dir, at }) => html`
<li><p class="quiet"><time datetime="${new Date(at).toISOString().slice(0, 10)}">${day.format(at)}</time></p>
<h2 lang="${own}" dir="${dir}"><a href="${encodeURIComponent(slug)}/">${title || slug}</a></h2>${
            summary ? html`<p lang="${own}" dir="${dir}">${summary}</p>` : ''
          }</li>`,
        )}
</ol>`;
  return [
    list,
    html`<p class="quiet"><a href="atom.xml">Atom</a> · <a href="rss.xml">RSS</a>${
      newsletter.publicUrl ? html` · <a href="${newsletter.publicUrl}/subscribe">${words.subscribe}</a>` : ''
    }</p>`,
  ];
}

/** What programs look for in the head of the index. */
export function indexHead({ name }: Newsletter): Markup {
  return html`<link rel="alternate" type="application/atom+xml" href="atom.xml" title="${name}">
<link rel="alternate" type="application/rss+xml" href="rss.xml" title="${name}">`;
}
