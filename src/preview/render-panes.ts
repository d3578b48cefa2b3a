import { html } from 'hono/html';
import type { Email } from '../email/email.ts';
import type { Issue } from '../issue/issue.ts';
import { type MimePart, mimeTree } from './mime-tree.ts';
import type { Markup } from './render-document.ts';

/** The Markdown with the numbers of its lines, each of them a place to link to. */
export function renderSource(issue: Issue | null): Markup {
  if (!issue) return html`<p>The file cannot be read.</p>`;
  return html`<ol class="source" start="${issue.bodyLine}">${issue.body
    .split('\n')
    .map(
      (line, index) =>
        html`<li id="L${issue.bodyLine + index}" tabindex="-1"><code>${line || ' '}</code></li>`,
    )}</ol>`;
}

/** Header fields as they travel, and the tree of the parts below them. */
export function renderHeaders(raw: string): Markup {
  const end = raw.search(/\r?\n\r?\n/);
  const fields = raw.slice(0, end < 0 ? raw.length : end).split(/\r?\n(?![ \t])/);
  return html`<table class="headers"><caption class="hidden">Headers</caption><tbody>${fields.map((field) => {
    const colon = field.indexOf(':');
    return html`<tr><th scope="row">${field.slice(0, colon)}</th><td>${field.slice(colon + 1).trim()}</td></tr>`;
  })}</tbody></table><h2>Parts</h2><ul class="tree">${partOf(mimeTree(raw))}</ul>`;
}

function partOf({ type, encoding, name, size, parts }: MimePart): Markup {
  return html`<li><code>${type}</code> <small>${[encoding, name, `${size.toLocaleString('en')} octets`].filter(Boolean).join(' · ')}</small>
    ${parts.length > 0 ? html`<ul>${parts.map(partOf)}</ul>` : ''}</li>`;
}

/** Every link of an issue with its line and kind. */
export function renderLinks(email: Email, linkTo: (line: number) => Markup | string): Markup {
  return html`<table class="links"><caption>${email.links.length} links</caption>
    <thead><tr><th scope="col">Line</th><th scope="col">Kind</th><th scope="col">Words</th><th scope="col">Address</th></tr></thead>
    <tbody>${email.links.map(
      ({ line, kind, text, href }) =>
        html`<tr><td>${linkTo(line)}</td><td>${kind}</td><td>${text}</td><td><code>${href}</code></td></tr>`,
    )}</tbody></table>`;
}
