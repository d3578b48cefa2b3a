import { html } from 'hono/html';
import type { Unsupported } from '../check/client-support.ts';
import type { Markup } from './render-document.ts';

/** What programs do not support of what the mail uses, with the date of the data. */
export function renderClients(unsupported: readonly Unsupported[], date: string): Markup {
  return html`<table class="links"><caption>${unsupported.length} features of this mail are missing somewhere. Data of caniemail.com, ${date.slice(0, 10)}; nothing is fetched.</caption>
    <thead><tr><th scope="col">Feature</th><th scope="col">Not in</th><th scope="col">In part in</th></tr></thead>
    <tbody>${unsupported.map(
      ({ title, none, partly }) =>
        html`<tr><th scope="row">${title}</th><td>${none.join(', ')}</td><td>${partly.join(', ')}</td></tr>`,
    )}</tbody></table>`;
}
