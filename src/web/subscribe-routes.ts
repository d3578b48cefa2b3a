import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { Newsletter } from '../newsletter.ts';
import { openClientOf } from './client-of.ts';
import { DAYS } from './confirmation-issue.ts';
import { openLists, titleOf, titlesOf } from './list-titles.ts';
import type { Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { openRateLimit } from './rate-limit.ts';
import { readAddress } from './read-address.ts';
import { type Form, readForm } from './read-form.ts';
import { readFields, renderFields } from './reader-fields.ts';

const HOUR = 3_600_000;

/**
 * `/subscribe`: a page with the form, and the POST of that form or of one on any website, also as JSON. Nobody is on a
 * list before they confirm by mail. Whoever the address belongs to, and whether they are subscribed, suppressed or
 * unknown, the same is done and answered: one row is written, and the mail is sent later.
 */
export function subscribeRoutes(ports: WebPorts, pages: Pages): Hono {
  const app = new Hono();
  const { newsletter } = ports;
  const { words } = pages;
  const open = openLists(newsletter);
  const clientOf = openClientOf(ports.trustedProxies);
  // A conference behind one address may subscribe; a flood may not. Over all, so many mails do no harm to our name.
  const byNetwork = openRateLimit({ most: 60, within: HOUR });
  const overall = openRateLimit({ most: 2000, within: HOUR, keys: 1 });

  const show = (context: Context, form: Form | null, faults: Faults) => {
    const value = (name: string) => form?.get(name)?.[0] ?? '';
    const chosen = form?.get('list') ?? context.req.queries('list') ?? [];
    const wording = pages.fill(words.consent, { list: titlesOf(newsletter, open, pages.lang) });
    return pages.show(context, faults.size > 0 ? 422 : 200, words.subscribe, [
      html`<form method="post">
      ${faults.has('email') ? html`<p class="fault" id="fault" role="alert">${words.addressFault}</p>` : ''}
      <label>${words.email}
        <input type="email" name="email" dir="ltr" required autocomplete="email" maxlength="254" value="${value('email')}"${faults.has('email') ? html` aria-invalid="true" aria-describedby="fault"` : ''}></label>
      ${renderFields(newsletter, pages, Object.fromEntries([...(form ?? [])].map(([name, [first = '']]) => [name, first])), [...faults])}
      ${
        open.length === 1
          ? html`<input type="hidden" name="list" value="${open[0]!}">`
          : html`<fieldset><legend>${words.lists}</legend>
        ${faults.has('list') ? html`<p class="fault" role="alert">${words.listFault}</p>` : ''}
        ${open.map((list) => html`<label class="choice"><input type="checkbox" name="list" value="${list}"${chosen.includes(list) ? html` checked` : ''}> ${titleOf(newsletter, list)}</label>`)}</fieldset>`
      }
      <div class="trap" aria-hidden="true"><label>${words.trap} <input type="text" name="website" tabindex="-1" autocomplete="off"></label></div>
      <p class="quiet">${wording}</p>
      <button>${words.subscribe}</button></form>`,
    ]);
  };

  app.use(async (context, next) => {
    await next();
    // It may stand in a frame of any website, and any website's script may post to it: it tells nothing and does
    // nothing by itself.
    context.header('content-security-policy', `${pages.policy}; frame-ancestors *`);
    context.header('access-control-allow-origin', '*');
    context.header('access-control-allow-headers', 'content-type');
  });
  app.options('/', (context) => context.body(null, 204));
  app.get('/', (context) =>
    open.length > 0 ? show(context, null, new Set()) : pages.notice(context, 404, 'missing'),
  );
  app.post('/', async (context) => {
    const json = context.req.header('content-type')?.toLowerCase().startsWith('application/json') ?? false;
    const form = await readForm(context.req);
    if ('status' in form)
      return json
        ? context.json({ faults: { form: words.unreadable } }, form.status)
        : pages.notice(context, form.status, 'unreadable');
    if (open.length === 0) return pages.notice(context, 404, 'missing');

    const now = ports.now();
    const wait = byNetwork(clientOf(context), now) || overall('', now);
    if (wait > 0) {
      context.header('retry-after', String(Math.ceil(wait / 1000)));
      return json
        ? context.json({ faults: { form: words.tooMany } }, 429)
        : pages.notice(context, 429, 'tooMany');
    }
    const read = readRequest(form, open, newsletter);
    if ('faults' in read) {
      if (!json) return show(context, form, read.faults);
      const said = (name: string) =>
        name === 'email' ? words.addressFault : name === 'list' ? words.listFault : words.fieldFault;
      return context.json(
        { faults: Object.fromEntries([...read.faults].map((name) => [name, said(name)])) },
        422,
      );
    }
    // Only programs fill in what people do not see; they are told what people are told.
    if ((form.get('website')?.[0] ?? '') === '') {
      const { address, lists, fields } = read;
      const asked = await ports.ledger.ask({
        purpose: 'subscribe',
        ...address,
        movedFrom: null,
        lists,
        fields,
        how: json ? 'json' : 'form',
        source: sourceOf(context, form),
        wording: pages.fill(words.consent, { list: titlesOf(newsletter, lists, pages.lang) }),
        askedAt: now,
        expiresAt: now + DAYS * 24 * HOUR,
      });
      if (asked) ports.mailDue();
    }
    return json
      ? context.json({ message: words.checkMailText }, 202)
      : pages.show(context, 200, words.checkMail, [html`<p>${words.checkMailText}</p>`]);
  });
  return app;
}

/** Names of the inputs that cannot be used. */
type Faults = ReadonlySet<string>;

interface Asked {
  readonly address: { readonly address: string; readonly key: string };
  readonly lists: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}

function readRequest(
  form: Form,
  open: readonly string[],
  newsletter: Newsletter,
): Asked | { readonly faults: Faults } {
  const address = readAddress(form.get('email')?.[0] ?? '');
  // Who names no list means the only one that there is; what is not open is as if it were not there.
  const named = form.get('list') ?? (open.length === 1 ? open : []);
  const lists = open.filter((list) => named.includes(list));
  const fields = readFields(form, newsletter);
  const faults = new Set<string>('faults' in fields ? fields.faults : []);
  if (!address) faults.add('email');
  if (lists.length === 0) faults.add('list');
  if (!address || 'faults' in fields || faults.size > 0) return { faults };
  return { address, lists, fields: fields.fields };
}

/** Which form it was: what the form says in a hidden `form`, else the website that it stands on. */
function sourceOf(context: Context, form: Form): string {
  const said = form.get('form')?.[0] ?? context.req.header('origin') ?? '';
  return said.replace(/\p{C}/gu, '').slice(0, 200);
}
