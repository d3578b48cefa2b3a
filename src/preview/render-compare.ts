import { diffLines, diffWordsWithSpace } from 'diff';
import { html } from 'hono/html';
import { escapeHref } from './escape-href.ts';
import type { Earlier } from './ports.ts';
import { current, type Markup } from './render-document.ts';
import { type View, viewQuery } from './view.ts';

/** What a reader gets of one form of an issue. */
export interface Read {
  readonly subject: string;
  readonly text: string;
}

/** An earlier form of an issue beside the file as it is now; what was added and taken away is marked. */
export function renderCompare(page: {
  readonly base: string;
  readonly view: View;
  readonly earlier: readonly Earlier[];
  readonly chosen: Earlier | null;
  readonly before: Read | null;
  readonly now: Read;
}): Markup {
  const { base, view, earlier, chosen, before, now } = page;
  if (earlier.length === 0)
    return html`<p class="note">There is nothing to compare with yet: this issue was not sent, and git has no earlier version of it.</p>`;
  const links = earlier.map(
    ({ id, label }) =>
      html`<li><a href="${escapeHref(`${base}${viewQuery(view, { against: id })}`)}" aria-current="${current(id === chosen?.id)}">${label}</a></li>`,
  );
  return html`<div class="compare"><ul aria-label="Compare with">${links}</ul>
    <div><h2>${chosen?.label ?? ''} → now</h2>
    ${
      before === null
        ? html`<p>That version cannot be compiled today.</p>`
        : html`<p><b>Subject</b> ${words(before.subject, now.subject)}</p><pre>${lines(before.text, now.text)}</pre>
          ${before.subject === now.subject && before.text === now.text ? html`<p>Readers would read the same.</p>` : ''}`
    }</div></div>`;
}

/** Whole lines; the diff of two 85 KB issues that share nothing stays under a second with this bound. */
function lines(before: string, now: string): Markup {
  const parts = diffLines(before, now, { timeout: 1000 });
  if (!parts) return html`<del>${before}</del><ins>${now}</ins>`;
  return html`${parts.map(({ value, added, removed }, index) => {
    const other = parts[index + 1];
    if (removed && other?.added) return words(value, other.value);
    if (added && parts[index - 1]?.removed) return '';
    return added ? html`<ins>${value}</ins>` : removed ? html`<del>${value}</del>` : value;
  })}`;
}

function words(before: string, now: string): Markup {
  const parts = diffWordsWithSpace(before, now, { timeout: 500 });
  if (!parts) return html`<del>${before}</del><ins>${now}</ins>`;
  return html`${parts.map(({ value, added, removed }) => (added ? html`<ins>${value}</ins>` : removed ? html`<del>${value}</del>` : value))}`;
}
