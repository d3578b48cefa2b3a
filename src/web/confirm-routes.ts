import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { linkSigner } from '../audience/links.ts';
import type { Confirmation } from '../audience/subscription.ts';
import { erasedKey } from '../audience/suppressed-file.ts';
import { DAYS } from './confirmation-issue.ts';
import { findConfirmation } from './find-reader.ts';
import { titlesOf } from './list-titles.ts';
import type { Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { readForm } from './read-form.ts';
import { readFields, renderFields } from './reader-fields.ts';

/**
 * `/c/TOKEN`, the link in a mail that asks to confirm. GET shows what is asked and one button, for mail scanners open
 * links; POST does it, once.
 */
export function confirmRoutes(ports: WebPorts, pages: Pages): Hono {
  const app = new Hono();
  const { newsletter, ledger } = ports;
  const { words } = pages;

  /** A page instead, when there is nothing to confirm. */
  const refusal = (context: Context, found: Awaited<ReturnType<typeof findConfirmation>>) => {
    if (found === 'dead') return pages.notice(context, 404, 'dead');
    if (found === 'test') return pages.notice(context, 200, 'test');
    if (found.usedAt !== null) return pages.notice(context, 410, 'used');
    if (found.expiresAt > ports.now()) return null;
    return pages.show(context, 410, words.expired, [
      html`<p>${pages.fill(words.expiredText, { days: DAYS })}</p>`,
    ]);
  };
  const saidOf = ({ lists, address }: Confirmation) => ({
    list: titlesOf(newsletter, lists, pages.lang),
    address,
  });
  const askOf = (found: Confirmation) =>
    pages.fill(found.purpose === 'move' ? words.moveAsk : words.confirmAsk, saidOf(found));
  const ask = (
    context: Context,
    found: Confirmation,
    fields: Confirmation['fields'],
    faults: readonly string[],
  ) =>
    pages.show(context, faults.length > 0 ? 422 : 200, words.confirm, [
      html`<p>${askOf(found)}</p>
      <form method="post"><input type="hidden" name="confirm" value="yes">
      ${found.purpose === 'move' ? '' : renderFields(newsletter, pages, fields, faults)}
      <button>${found.purpose === 'move' ? words.moveButton : words.confirmButton}</button></form>`,
    ]);

  app.get('/:token', async (context) => {
    const found = await findConfirmation(ports, context.req.param('token'));
    return refusal(context, found) ?? ask(context, found as Confirmation, (found as Confirmation).fields, []);
  });

  app.post('/:token', async (context) => {
    const form = await readForm(context.req);
    if ('status' in form) return pages.notice(context, form.status, 'unreadable');
    const found = await findConfirmation(ports, context.req.param('token'));
    const refused = refusal(context, found);
    if (refused || typeof found === 'string') return refused ?? pages.notice(context, 404, 'dead');
    if (form.get('confirm')?.[0] !== 'yes') return pages.notice(context, 400, 'unreadable');
    const read = readFields(form, newsletter);
    if ('faults' in read) return ask(context, found, found.fields, read.faults);
    const done = await ledger.confirm(found, {
      fields: found.purpose === 'move' ? {} : { ...found.fields, ...read.fields },
      wording: askOf(found),
      others: await ports.lists(),
      erasedKeys: ports.secrets.map((secret) => erasedKey(secret, found.key)),
      now: ports.now(),
    });
    if (!done) return pages.notice(context, 410, 'used');
    const [title, text] =
      found.purpose === 'move' ? [words.moved, words.movedText] : [words.confirmed, words.confirmedText];
    const manage = await manageLink(found.key);
    return pages.show(context, 200, title, [
      html`<p>${pages.fill(text, saidOf(found))}</p>`,
      manage ? html`<p><a href="${manage}">${words.preferences}</a></p>` : html``,
    ]);
  });

  /** To the reader's preferences, by one of their subscriptions. */
  async function manageLink(key: string): Promise<string | null> {
    const [one] = await ledger.subscriptionsOf(key);
    const [secret] = ports.secrets;
    if (!one || secret === undefined) return null;
    return `${pages.base}/p/${linkSigner(secret, one)({ purpose: 'live', action: 'manage', row: one.id })}`;
  }
  return app;
}
