import { html } from 'hono/html';
import type { Subscriber } from '../audience/audience.ts';
import type { ShownChoice } from './choices-of.ts';
import type { Answer, ShownEmail } from './ports.ts';
import { renderActions } from './render-actions.ts';
import { renderChecks } from './render-checks.ts';
import { type Markup, renderDocument, type Shell } from './render-document.ts';
import { renderToolbar } from './render-toolbar.ts';
import { PANES, type View } from './view.ts';

export interface IssuePage {
  readonly shell: Shell;
  /** `/issues/SLUG`. */
  readonly base: string;
  readonly view: View;
  /** As the files are now. */
  readonly now: ShownEmail;
  /** What is shown: the last render that worked; null: none ever did. */
  readonly mail: {
    readonly shown: ShownEmail;
    readonly subject: string;
    readonly preheader: string;
    /** Octets of this reader's HTML. */
    readonly size: number;
    readonly choices: readonly ShownChoice[];
    readonly reader: Subscriber;
    /** Readers found by `view.find`. */
    readonly found: readonly Subscriber[];
    readonly pane: Markup;
  } | null;
  readonly token: string;
  readonly answer: Answer | null;
  readonly hasSpam: boolean;
}

/** The page of one issue. */
export function renderIssuePage(page: IssuePage): Markup {
  const { now, mail, base, view } = page;
  if (!mail)
    return renderDocument(page.shell, {
      title: now.issue?.title ?? now.path,
      current: now.path,
      main: html`${faults(now, false)}<section id="pane" aria-label="The mail"></section>`,
      aside: renderChecks(now.findings, { base, view, email: null, size: null }),
    });
  const email = mail.shown.email!;
  return renderDocument(page.shell, {
    title: mail.subject,
    current: now.path,
    main: html`${faults(now, true)}
      ${inboxLine(email.from.name || email.from.address, mail.subject, mail.preheader)}
      ${renderToolbar({ base, view, panes: PANES, readers: { chosen: mail.reader, found: mail.found }, choices: mail.choices })}
      <section id="pane" aria-label="The mail">${mail.pane}</section>
      ${renderActions(page)}`,
    aside: renderChecks(now.findings, { base, view, email, size: mail.size }),
  });
}

/** Faults stand over the last render that worked, which stays. */
function faults(now: ShownEmail, hasEarlier: boolean): Markup {
  if (now.email) return html`<div id="faults" role="status"></div>`;
  const errors = now.findings.filter(({ severity }) => severity === 'error');
  const rest = hasEarlier
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
