import { html, raw } from 'hono/html';
import type { Subscriber } from '../audience/audience.ts';
import { fill } from '../email/stencil.ts';
import type { Finding } from '../finding.ts';
import type { Newsletter } from '../newsletter.ts';
import { slugOf } from './last-good.ts';
import { MADE_UP } from './made-up-readers.ts';
import type { ShownEmail, ShownIssue } from './ports.ts';
import { IMAGES, PANES, SCHEMES, type View, viewQuery, WIDTHS } from './view.ts';

type Markup = ReturnType<typeof html>;

export interface IssuePage {
  readonly newsletter: Newsletter;
  readonly version: number;
  readonly slug: string;
  readonly view: View;
  readonly issues: readonly ShownIssue[];
  /** As the files are now. */
  readonly now: ShownEmail;
  /** What is shown: the last render that worked, when there is one. */
  readonly shown: ShownEmail;
  readonly reader: Subscriber;
  /** Readers found by `view.find`. */
  readonly found: readonly Subscriber[];
  value(name: string): string | undefined;
  message(): Uint8Array;
  readonly inbox: readonly string[];
}

/** The page of one issue. */
export function renderIssuePage(page: IssuePage): Markup {
  const { now, shown, slug, reader } = page;
  const { email } = shown;
  const filled = (stencil: NonNullable<typeof email>['subject']) => fill(stencil, page.value, reader.fields);
  const subject = email ? filled(email.subject) : slug;
  return document(page, subject, {
    current: now.path,
    main: html`
      ${faults(now, shown)}
      ${email ? inboxLine(email.from.name || email.from.address, subject, filled(email.preheader)) : ''}
      ${email ? toolbar(page) : ''}
      <section id="pane" aria-label="The mail">${email ? pane(page, filled) : ''}</section>`,
    aside: findings(now.findings, page),
  });
}

/** The page of a project without issues. */
export function renderEmptyPage(newsletter: Newsletter, inbox: readonly string[], version: number): Markup {
  return document({ newsletter, version, issues: [], inbox, slug: '', view: null }, 'No issue yet', {
    current: '',
    main: html`<section id="pane" class="empty"><h1>No issue yet</h1>
      <p>Write <code>issues/my-first.md</code> and save it: it shows up here at once.</p></section>`,
    aside: '',
  });
}

export interface InboxPage {
  readonly newsletter: Newsletter;
  readonly version: number;
  readonly issues: readonly ShownIssue[];
  readonly messages: readonly { readonly name: string; readonly subject: string; readonly date: string }[];
  readonly open: {
    readonly name: string;
    readonly view: View;
    readonly subject: string;
    readonly from: string;
    readonly to: string;
    readonly html: boolean;
    readonly text: string;
    readonly headers: string;
    readonly raw: string;
  } | null;
}

/** The page of the inbox, with one message open. */
export function renderInboxPage(page: InboxPage): Markup {
  const { open, messages } = page;
  const inbox = messages.map(({ name }) => name);
  const base = open ? `/inbox/${open.name}` : '';
  const shown = open?.view.pane === 'email' && !open.html ? 'text' : open?.view.pane;
  const panes = (['email', 'text', 'headers', 'raw'] as const).filter(
    (name) => name !== 'email' || open?.html,
  );
  return document({ ...page, inbox, slug: '', view: open?.view ?? null }, open?.subject || 'Inbox', {
    current: 'inbox',
    main: open
      ? html`<header id="line"><h1>${open.subject || '(no subject)'}</h1>
          <p>from ${open.from || 'nobody'} to ${open.to || 'nobody'}</p></header>
          <nav id="toolbar" aria-label="View">${choices('Part', panes, shown!, (value) => `${base}${viewQuery(open.view, { pane: value })}`)}
          ${shown === 'email' ? looks(open.view, base) : ''}
          <a class="button" href="${base}/message.eml" download>Download .eml</a></nav>
          <section id="pane" aria-label="The mail">${
            shown === 'email'
              ? frame(`${base}/email.html${viewQuery(open.view)}`, open.view, open.name)
              : html`<pre>${{ text: open.text, headers: open.headers, raw: open.raw }[shown as 'text']}</pre>`
          }</section>`
      : html`<section id="pane" class="empty"><h1>The inbox is empty</h1>
          <p>Send a test into it: <code>npm run send -- --test</code></p></section>`,
    aside: html`<aside id="findings" aria-label="Messages"><h2>Inbox</h2><ol class="messages">${messages.map(
      ({ name, subject, date }) =>
        html`<li><a href="/inbox/${name}" ${current(name === open?.name)}>${subject || '(no subject)'} <small>${date}</small></a></li>`,
    )}</ol></aside>`,
  });
}

function document(
  page: {
    readonly newsletter: Newsletter;
    readonly version: number;
    readonly issues: readonly ShownIssue[];
    readonly inbox: readonly string[];
    readonly slug: string;
    readonly view: View | null;
  },
  title: string,
  parts: { readonly current: string; readonly main: Markup; readonly aside: Markup | string },
): Markup {
  const keep = page.view ? viewQuery(page.view, { as: '', find: '' }) : '';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${page.newsletter.name}</title>
<link rel="stylesheet" href="/assets/page.css">
<script type="module" src="/assets/page.js"></script>
</head>
<body data-version="${page.version}">
<a class="skip" href="#pane">Skip to the mail</a>
<p id="gone" role="alert" hidden>The preview has stopped. Start it again with <code>npm run preview</code>; this page goes on by itself.</p>
<nav id="issues" aria-label="Issues">
<p class="name">${page.newsletter.name}</p>
<ol>${page.issues.map((one) => issueEntry(one, parts.current, keep))}</ol>
<p><a href="/inbox" ${current(parts.current === 'inbox')} data-key="b">Inbox <small>${page.inbox.length}</small></a></p>
<p class="hint"><kbd>?</kbd> shows the keys</p>
</nav>
<main>${parts.main}</main>
${parts.aside}
<dialog id="keys" aria-label="Keys"></dialog>
</body>
</html>`;
}

function issueEntry(one: ShownIssue, currentPath: string, keep: string): Markup {
  const { issue, findings, path } = one;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const state = !issue
    ? 'cannot be read'
    : issue.draft
      ? 'draft'
      : issue.sendAt
        ? `send at ${issue.sendAt}`
        : '';
  return html`<li><a href="/issues/${encodeURIComponent(slugOf(one))}${raw(keep)}" ${current(path === currentPath)}>
    ${issue?.title ?? path}
    <small>${[issue?.date?.slice(0, 10), state, errors > 0 ? `${errors} errors` : ''].filter(Boolean).join(' · ')}</small></a></li>`;
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

/** As inboxes show it: sender, subject and preheader on one line, cut where there is no more room. */
function inboxLine(from: string, subject: string, preheader: string): Markup {
  const row = (
    kind: string,
    label: string,
  ) => html`<div class="row ${kind}" role="group" aria-label="${label}">
    <b>${from}</b> <span><strong>${subject}</strong> <i>${preheader}</i></span></div>`;
  return html`<header id="line"><h1 class="hidden">${subject}</h1>
    ${row('desktop', 'In an inbox on a desktop')}${row('phone', 'In an inbox on a phone')}</header>`;
}

function toolbar({ slug, view, reader, found }: IssuePage): Markup {
  const base = `/issues/${encodeURIComponent(slug)}`;
  const link = (changes: Partial<View>) => `${base}${viewQuery(view, changes)}`;
  return html`<nav id="toolbar" aria-label="View">
    ${choices('Part', PANES, view.pane, (value) => link({ pane: value }))}
    ${view.pane === 'email' ? looks(view, base) : ''}
    <form action="${base}" role="search">
      ${Object.entries(view).map(([name, value]) =>
        name === 'find' || name === 'as' || value === ''
          ? ''
          : html`<input type="hidden" name="${name}" value="${value}">`,
      )}
      <label>Read as <input type="search" name="find" value="${view.find}" placeholder="${reader.address}" data-key="/"></label>
      <button>Find</button>
    </form>
    <details class="readers" ${view.find ? raw('open') : ''}><summary>${reader.address}</summary>
      <ul>${found.map(({ address, fields }) => html`<li><a href="${link({ as: address, find: '' })}">${fields.name ?? ''} ${address}</a></li>`)}
      ${view.find && found.length === 0 ? html`<li>Nobody on the list is found by “${view.find}”.</li>` : ''}
      ${Object.entries(MADE_UP).map(([as, name]) => html`<li><a href="${link({ as, find: '' })}" ${current(view.as === as)}>made up: ${name}</a></li>`)}
      <li><a href="${link({ as: '', find: '' })}">the first on the list</a></li></ul>
    </details>
    <a class="button" href="${base}/message.eml${viewQuery(view)}" download>Download .eml</a>
  </nav>`;
}

function looks(view: View, base: string): Markup {
  const link = (changes: Partial<View>) => `${base}${viewQuery(view, changes)}`;
  return html`${choices('Width', WIDTHS, view.width, (width) => link({ width }))}
    ${choices('Colours', SCHEMES, view.scheme, (scheme) => link({ scheme }), 'd')}
    ${choices('Images', IMAGES, view.images, (images) => link({ images }), 'i')}`;
}

/** A row of links of which one is chosen; `key` goes to the next one. */
function choices<T extends string>(
  label: string,
  values: readonly T[],
  chosen: T,
  href: (value: T) => string,
  key?: string,
): Markup {
  const next = values[(values.indexOf(chosen) + 1) % values.length];
  return html`<div class="choices" role="group" aria-label="${label}"><span aria-hidden="true">${label}</span>${values.map(
    (value, index) => {
      const shortcut = key ? (value === next ? key : '') : label === 'Part' ? String(index + 1) : '';
      return html`<a href="${raw(escapeHref(href(value)))}" ${current(value === chosen)} ${shortcut ? raw(`data-key="${shortcut}"`) : ''}>${value}</a>`;
    },
  )}</div>`;
}

function pane(
  page: IssuePage,
  filled: (stencil: NonNullable<ShownEmail['email']>['subject']) => string,
): Markup {
  const { view, slug, shown } = page;
  const email = shown.email!;
  switch (view.pane) {
    case 'email':
      return frame(`/issues/${encodeURIComponent(slug)}/email.html${viewQuery(view)}`, view, email.digest);
    case 'text':
      return html`<pre>${filled(email.text)}</pre>`;
    case 'markdown':
      return source(page.now.issue ?? shown.issue);
    case 'mjml':
      return html`<pre>${shown.mjml}</pre>`;
    case 'html':
      return html`<pre>${filled(email.html)}</pre>`;
    case 'headers': {
      const message = Buffer.from(page.message()).toString('latin1');
      return html`<pre>${message.slice(0, message.indexOf('\r\n\r\n'))}</pre>`;
    }
    case 'raw':
      return html`<pre>${Buffer.from(page.message()).toString('latin1').slice(0, 400_000)}</pre>`;
  }
}

/** The mail, without scripts and unable to move this page; `mark` changes when its content does. */
function frame(src: string, view: View, mark: string): Markup {
  return html`<iframe id="mail" title="The mail" src="${src}" data-mark="${mark}"
    sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    ${view.width === 'full' ? '' : raw(`width="${view.width}"`)} class="${view.scheme}"></iframe>`;
}

function source(issue: ShownEmail['issue']): Markup {
  if (!issue) return html`<p>The file cannot be read.</p>`;
  const lines = issue.body.split('\n');
  return html`<ol class="source" start="${issue.bodyLine}">${lines.map(
    (line, index) => html`<li id="L${issue.bodyLine + index}" tabindex="-1"><code>${line || ' '}</code></li>`,
  )}</ol>`;
}

const SEVERITIES = ['error', 'warning', 'advice'] as const;

function findings(all: readonly Finding[], { slug, view }: IssuePage): Markup {
  const link = (line: number) =>
    `/issues/${encodeURIComponent(slug)}${viewQuery(view, { pane: 'markdown' })}#L${line}`;
  const group = (severity: (typeof SEVERITIES)[number]) => {
    const some = all.filter((one) => one.severity === severity);
    if (some.length === 0) return '';
    const name = { error: 'Errors', warning: 'Warnings', advice: 'Advice' }[severity];
    return html`<h3 class="${severity}">${name} <small>${some.length}</small></h3><ul>${some.map(
      (one) => html`<li>${one.message} <span>${one.hint}</span>
        <a href="${raw(escapeHref(link(one.line)))}"><code>${one.path}:${one.line}:${one.column}</code></a></li>`,
    )}</ul>`;
  };
  return html`<aside id="findings" aria-label="Findings"><h2>Findings</h2>
    ${all.length === 0 ? html`<p>Nothing to mend.</p>` : SEVERITIES.map(group)}</aside>`;
}

function current(is: boolean): Markup | string {
  return is ? raw('aria-current="true"') : '';
}

/** Addresses made by `viewQuery` are encoded already, but for the ampersands between their parts. */
function escapeHref(href: string): string {
  return href.replace(/&/g, '&amp;').replace(/"/g, '%22').replace(/</g, '%3C');
}
