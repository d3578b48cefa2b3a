import { html } from 'hono/html';
import type { Answer } from './ports.ts';
import type { Markup } from './render-document.ts';
import { type View, viewQuery } from './view.ts';

/** Buttons for what leaves this machine, each a form of its own with the token that only our page has. */
export function renderActions(page: {
  readonly base: string;
  readonly view: View;
  readonly token: string;
  readonly answer: Answer | null;
  readonly hasSpam: boolean;
}): Markup {
  const { base, view, token, answer } = page;
  const form = (name: string, inner: Markup | string, label: string) =>
    html`<form method="post" action="${base}/${name}${viewQuery(view)}"><input type="hidden" name="token" value="${token}">${inner}<button>${label}</button></form>`;
  return html`<section id="actions" aria-label="Ask and send">
    ${form('test', html`<label>Test to <input type="email" name="to" required autocomplete="email" placeholder="you@example.com" data-remember="to" data-key="t"></label>`, 'Send test')}
    ${form('probe', '', 'Check links on the web')}
    ${page.hasSpam ? form('spam', '', 'Ask SpamAssassin') : ''}
    <button type="button" data-axe="${base}/axe.html${viewQuery(view)}">Check accessibility</button>
    <div id="answer" role="status" class="${answer ? (answer.good ? 'good' : 'bad') : ''}">${
      answer ? html`<ul>${answer.lines.map((line) => html`<li>${line}</li>`)}</ul>` : ''
    }</div></section>`;
}
