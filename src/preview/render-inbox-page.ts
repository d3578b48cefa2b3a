import { html } from 'hono/html';
import { current, type Markup, renderDocument, type Shell } from './render-document.ts';
import { renderFrame } from './render-frame.ts';
import { renderHeaders } from './render-panes.ts';
import { renderToolbar } from './render-toolbar.ts';
import type { View } from './view.ts';

export interface InboxPage {
  readonly shell: Shell;
  readonly messages: readonly { readonly name: string; readonly subject: string; readonly date: string }[];
  readonly open: OpenMessage | null;
}

export interface OpenMessage {
  readonly name: string;
  readonly view: View;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly hasHtml: boolean;
  readonly text: string;
  /** The message as it came, read as Latin-1. */
  readonly raw: string;
}

/** The page of the inbox, with one message open. */
export function renderInboxPage({ shell, messages, open }: InboxPage): Markup {
  return renderDocument(shell, {
    title: open?.subject || 'Inbox',
    current: 'inbox',
    main: open
      ? message(open)
      : html`<section id="pane" class="empty"><h1>The inbox is empty</h1>
          <p>Send a test into it: <code>npm run send -- --test</code></p></section>`,
    aside: html`<aside id="findings" aria-label="Messages"><h2>Inbox</h2><ol class="messages">${messages.map(
      ({ name, subject, date }) =>
        html`<li><a href="/inbox/${name}" aria-current="${current(name === open?.name)}">${subject || '(no subject)'} <small>${date}</small></a></li>`,
    )}</ol></aside>`,
  });
}

function message(open: OpenMessage): Markup {
  const base = `/inbox/${open.name}`;
  const pane = open.view.pane === 'email' && !open.hasHtml ? 'text' : open.view.pane;
  const panes = (['email', 'text', 'headers', 'raw'] as const).filter(
    (name) => name !== 'email' || open.hasHtml,
  );
  return html`<header id="line"><h1>${open.subject || '(no subject)'}</h1>
      <p>from ${open.from || 'nobody'} to ${open.to || 'nobody'}</p></header>
    ${renderToolbar({ base, view: { ...open.view, pane }, panes, readers: null, choices: [] })}
    <section id="pane" aria-label="The mail">${
      pane === 'email'
        ? renderFrame(base, open.view, open.name)
        : pane === 'headers'
          ? renderHeaders(open.raw)
          : html`<pre>${pane === 'text' ? open.text : open.raw.slice(0, 400_000)}</pre>`
    }</section>`;
}
