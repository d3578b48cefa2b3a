import { html } from 'hono/html';
import { parseSendAt } from '../issue/parse-send-at.ts';
import type { Newsletter } from '../newsletter.ts';
import { escapeHref } from './escape-href.ts';
import { slugOf } from './last-good.ts';
import type { ShownIssue } from './ports.ts';
import { type View, viewQuery } from './view.ts';

export type Markup = ReturnType<typeof html>;

/** What stands around every page. */
export interface Shell {
  readonly newsletter: Newsletter;
  readonly version: number;
  readonly issues: readonly ListedIssue[];
  /** Issues whose findings are still being looked for. */
  readonly unknown: number;
  readonly inboxCount: number;
  /** Ms since 1970. */
  readonly now: number;
  /** Kept when another issue is opened; null: nothing to keep. */
  readonly view: View | null;
}

export interface ListedIssue extends ShownIssue {
  /** `sending 41 %`, `accepted 1,204 of 1,210`; '' when nothing was sent. */
  readonly sent: string;
  /** Counts of findings, when they are known already. */
  readonly counts: { readonly errors: number; readonly warnings: number } | null;
}

/** A whole page. `current` is the path of the issue that is open, or `inbox`. */
export function renderDocument(
  shell: Shell,
  page: {
    readonly title: string;
    readonly current: string;
    readonly main: Markup;
    readonly aside: Markup | string;
  },
): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · ${shell.newsletter.name}</title>
<link rel="stylesheet" href="/assets/page.css">
<script type="module" src="/assets/page.js"></script>
</head>
<body data-version="${shell.version}">
<a class="skip" href="#pane">Skip to the mail</a>
<p id="gone" role="alert" hidden>The preview has stopped. Start it again with <code>npm run preview</code>; this page goes on by itself.</p>
${issueList(shell, page.current)}
<main>${page.main}</main>
${page.aside}
<dialog id="keys" aria-label="Keys"></dialog>
</body>
</html>`;
}

/** `aria-current` for the link that is open. */
export function current(is: boolean): string {
  return is ? 'true' : 'false';
}

function issueList(shell: Shell, open: string): Markup {
  const keep = shell.view ? viewQuery(shell.view, { as: '', find: '', choose: '' }) : '';
  return html`<nav id="issues" aria-label="Issues">
<p class="name">${shell.newsletter.name}</p>
${shell.issues.length > 8 ? filterForm(shell.view) : ''}
<ol>${shell.issues.filter((one) => isListed(one, shell.view?.filter ?? '')).map((one) => entry(one, one.path === open, keep, shell.now))}</ol>
<p><a href="/inbox" aria-current="${current(open === 'inbox')}" data-key="b">Inbox <small>${shell.inboxCount}</small></a></p>
<p class="hint">${shell.unknown > 0 ? `${shell.unknown} of ${shell.issues.length} still to be checked. ` : ''}<kbd>?</kbd> shows the keys</p>
</nav>`;
}

function filterForm(view: View | null): Markup {
  const kept = Object.entries(view ?? {}).filter(([name, value]) => name !== 'filter' && value !== '');
  return html`<form role="search" class="filter" data-live>${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
    <label><span class="hidden">Filter issues</span><input type="search" name="filter" value="${view?.filter ?? ''}" placeholder="Filter" data-key="f"></label></form>`;
}

function isListed({ issue, path }: ListedIssue, filter: string): boolean {
  return `${issue?.title ?? ''}\n${path}`.toLowerCase().includes(filter.trim().toLowerCase());
}

function entry(one: ListedIssue, open: boolean, keep: string, now: number): Markup {
  const { issue, path, counts, findings } = one;
  const errors = counts?.errors ?? findings.filter(({ severity }) => severity === 'error').length;
  const warnings = counts?.warnings ?? findings.filter(({ severity }) => severity === 'warning').length;
  const state = one.sent || (!issue ? 'cannot be read' : issue.draft ? 'draft' : schedule(issue.sendAt, now));
  const marks = [
    errors && `${errors} ${errors === 1 ? 'error' : 'errors'}`,
    warnings && `${warnings} warnings`,
  ];
  return html`<li><a href="/issues/${encodeURIComponent(slugOf(one))}${escapeHref(keep)}" aria-current="${current(open)}">${issue?.title ?? path}
    <small>${[issue?.date?.slice(0, 10), state, ...marks].filter(Boolean).join(' · ')}</small></a></li>`;
}

/** `scheduled in 3 d`, `due`; '' for what is sent by hand. A schedule that cannot be read is a finding. */
function schedule(sendAt: string | null, now: number): string {
  const due = sendAt === null ? null : parseSendAt(sendAt);
  if (due === null || 'fault' in due) return '';
  const minutes = Math.ceil((due.at - now) / 60_000);
  if (minutes <= 0) return 'due';
  if (minutes < 60) return `scheduled in ${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `scheduled in ${hours} h` : `scheduled in ${Math.round(hours / 24)} d`;
}
