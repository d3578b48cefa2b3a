import { html } from 'hono/html';
import type { Subscriber } from '../audience/audience.ts';
import type { Stencil } from '../email/email.ts';
import { fill } from '../email/stencil.ts';
import { choicesOf, decide } from './choices-of.ts';
import { escapeHref } from './escape-href.ts';
import type { ShownEmail } from './ports.ts';
import { renderChecks } from './render-checks.ts';
import { type Markup, renderDocument, type Shell } from './render-document.ts';
import { renderFrame } from './render-frame.ts';
import { renderHeaders, renderLinks, renderSource } from './render-panes.ts';
import { renderToolbar } from './render-toolbar.ts';
import { PANES, type View, viewQuery } from './view.ts';

export interface IssuePage {
  readonly shell: Shell;
  readonly slug: string;
  readonly view: View;
  /** As the files are now. */
  readonly now: ShownEmail;
  /** What is shown: the last render that worked, when there is one. */
  readonly shown: ShownEmail;
  readonly reader: Subscriber;
  /** Readers found by `view.find`. */
  readonly found: readonly Subscriber[];
  value(name: string): string | undefined;
  message(): Uint8Array;
}

/** The page of one issue. */
export function renderIssuePage(page: IssuePage): Markup {
  const { now, shown, slug, reader, view } = page;
  const base = `/issues/${encodeURIComponent(slug)}`;
  const { email } = shown;
  if (!email)
    return renderDocument(page.shell, {
      title: slug,
      current: now.path,
      main: html`${faults(now, shown)}<section id="pane" aria-label="The mail"></section>`,
      aside: renderChecks(now.findings, { base, view, email, size: null }),
    });
  const choices = choicesOf(email);
  const read = (stencil: Stencil) => fill(decide(stencil, choices, view.choose), page.value, reader.fields);
  const subject = read(email.subject);
  const from = email.from.name || email.from.address;
  return renderDocument(page.shell, {
    title: subject,
    current: now.path,
    main: html`${faults(now, shown)}${inboxLine(from, subject, read(email.preheader))}
      ${renderToolbar({ base, view, panes: PANES, readers: { chosen: reader, found: page.found }, choices })}
      <section id="pane" aria-label="The mail">${pane(page, base, read)}</section>`,
    aside: renderChecks(now.findings, { base, view, email, size: Buffer.byteLength(read(email.html)) }),
  });
}

function pane(page: IssuePage, base: string, read: (stencil: Stencil) => string): Markup {
  const { view, shown } = page;
  const email = shown.email!;
  const message = () => Buffer.from(page.message()).toString('latin1');
  switch (view.pane) {
    case 'email':
      return renderFrame(base, view, email.digest);
    case 'text':
      return html`<pre>${read(email.text)}</pre>`;
    case 'markdown':
      return renderSource(page.now.issue ?? shown.issue);
    case 'mjml':
      return html`<pre>${shown.mjml}</pre>`;
    case 'html':
      return html`<pre>${read(email.html)}</pre>`;
    case 'headers':
      return renderHeaders(message());
    case 'raw':
      // Pictures in base64 say nothing to a person; the download has all of it.
      return html`<pre>${message().slice(0, 400_000)}</pre>`;
    default: {
      const href = (line: number) => escapeHref(`${base}${viewQuery(view, { pane: 'markdown' })}#L${line}`);
      return renderLinks(email, (line) => html`<a href="${href(line)}">${line}</a>`);
    }
  }
}

/** Faults stand over the last render that worked, which stays. */
function faults(now: ShownEmail, shown: ShownEmail): Markup {
  if (now.email) return html`<div id="faults" role="status"></div>`;
  const errors = now.findings.filter(({ severity }) => severity === 'error');
  const rest = shown.email
    ? 'Below is the last version that could be compiled.'
    : 'There is no earlier version to show.';
  return html`<div id="faults" role="status" class="bad"><h2>This issue cannot be compiled</h2>
    <ul>${errors.map((one) => html`<li><code>${one.path}:${one.line}:${one.column}</code> ${one.message} ${one.hint}</li>`)}</ul>
    <p>${rest}</p></div>`;
}

/** As inboxes show it: sender, subject and preheader, cut where there is no more room. */
function inboxLine(from: string, subject: string, preheader: string): Markup {
  const row = (
    kind: string,
    label: string,
  ) => html`<div class="row ${kind}" role="group" aria-label="${label}">
    <b>${from}</b> <span><strong>${subject}</strong> <i>${preheader}</i></span></div>`;
  return html`<header id="line"><h1 class="hidden">${subject}</h1>
    ${row('desktop', 'In Gmail on a desktop')}${row('phone', 'In Apple Mail on a phone')}</header>`;
}
