import { html, raw } from 'hono/html';
import { GMAIL_CLIP } from '../check/gmail-clip.ts';
import type { Email } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import { escapeHref } from './escape-href.ts';
import { groupFindings } from './finding-groups.ts';
import type { Markup } from './render-document.ts';
import { type View, viewQuery } from './view.ts';

/** What the check found, by group, and how large this reader's mail is. `size`: octets of the filled HTML; null: no mail. */
export function renderChecks(
  findings: readonly Finding[],
  page: {
    readonly base: string;
    readonly view: View;
    readonly email: Email | null;
    readonly size: number | null;
  },
): Markup {
  return html`<aside id="findings" aria-label="Checks"><h2>Checks</h2>
    ${findings.length === 0 ? html`<p>Nothing to mend.</p>` : ''}
    ${[...groupFindings(findings)].map(([name, some]) => group(name, some, page))}
    ${page.email && page.size !== null ? size(page.email, page.size) : ''}</aside>`;
}

function group(
  name: string,
  findings: readonly Finding[],
  page: { readonly base: string; readonly view: View },
): Markup | string {
  if (findings.length === 0) return html`<p class="quiet">${name} <small>0</small></p>`;
  const worst = ['error', 'warning', 'advice'].find((severity) =>
    findings.some((one) => one.severity === severity),
  )!;
  return html`<details ${worst === 'advice' ? '' : raw('open')}><summary><h3 class="${worst}">${name} <small>${findings.length}</small></h3></summary>
    <ul>${findings.map((one) => finding(one, page))}</ul></details>`;
}

function finding(one: Finding, { base, view }: { readonly base: string; readonly view: View }): Markup {
  const href = `${base}${viewQuery(view, { pane: 'markdown' })}#L${one.line}`;
  return html`<li><b class="${one.severity}">${one.severity}</b> ${one.message} <span>${one.hint}</span>
    <a href="${escapeHref(href)}" data-show-line="${one.line}"><code>${one.path}:${one.line}:${one.column}</code></a></li>`;
}

function size(email: Email, octets: number): Markup {
  const percent = Math.round((octets / GMAIL_CLIP) * 100);
  const sections = email.sections.toSorted((one, other) => other.size - one.size).slice(0, 6);
  return html`<section class="size"><h3>Size <small>${kilobytes(octets)} of 102 KB</small></h3>
    <meter min="0" max="${GMAIL_CLIP}" low="${GMAIL_CLIP * 0.88}" high="${GMAIL_CLIP}" optimum="0" value="${octets}" aria-label="HTML part, ${percent} % of what Gmail shows">${percent} %</meter>
    <table><caption class="hidden">What each part weighs</caption><tbody>${sections.map(
      (one) =>
        html`<tr><th scope="row">${one.title || 'before the first heading'}</th><td>${kilobytes(one.size)}</td></tr>`,
    )}</tbody></table></section>`;
}

function kilobytes(octets: number): string {
  return `${(octets / 1000).toFixed(1)} KB`;
}
