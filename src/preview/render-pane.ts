import { html } from 'hono/html';
import { clientSupport, type SupportData } from '../check/client-support.ts';
import { escapeHref } from './escape-href.ts';
import type { OpenIssue } from './open-issue.ts';
import type { PreviewPorts } from './ports.ts';
import { renderClients } from './render-clients.ts';
import { renderCompare } from './render-compare.ts';
import type { Markup } from './render-document.ts';
import { renderFrame } from './render-frame.ts';
import { renderHeaders, renderLinks, renderSource } from './render-panes.ts';
import { type View, viewQuery } from './view.ts';

/** The part of a mail that a view asks for. */
export async function renderPane(
  ports: PreviewPorts,
  { now, mail }: OpenIssue & { readonly mail: NonNullable<OpenIssue['mail']> },
  base: string,
  view: View,
): Promise<Markup> {
  const { email, shown, read } = mail;
  const message = () => Buffer.from(mail.message()).toString('latin1');
  switch (view.pane) {
    case 'email':
      return renderFrame(base, view, email.digest);
    case 'text':
      return html`<pre>${read(email.text)}</pre>`;
    case 'markdown':
      return renderSource(now.issue ?? shown.issue);
    case 'mjml':
      return html`<pre>${shown.mjml}</pre>`;
    case 'html':
      return html`<pre>${read(email.html)}</pre>`;
    case 'headers':
      return renderHeaders(message());
    case 'raw':
      // Pictures in base64 say nothing to a person; the download has all of it.
      return html`<pre>${message().slice(0, 400_000)}</pre>`;
    case 'links': {
      const href = (line: number) => escapeHref(`${base}${viewQuery(view, { pane: 'markdown' })}#L${line}`);
      return renderLinks(email, (line) => html`<a href="${href(line)}">${line}</a>`);
    }
    case 'clients': {
      // 1 MB of data: read when it is asked for.
      const { default: data } = await import('caniemail/caniemail.json', { with: { type: 'json' } });
      return renderClients(
        clientSupport(read(email.html), data as unknown as SupportData),
        data.last_update_date,
      );
    }
    case 'compare': {
      const earlier = await ports.earlier(now);
      const chosen = earlier.find(({ id }) => id === view.against) ?? earlier[0] ?? null;
      const before = chosen && (await ports.earlierEmail(now, chosen.id));
      const both = (one: typeof email) => ({ subject: read(one.subject), text: read(one.text) });
      return renderCompare({ base, view, earlier, chosen, before: before && both(before), now: both(email) });
    }
  }
}
