import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { findReader } from './find-reader.ts';
import { maskAddress } from './mask-address.ts';
import type { Pages } from './pages.ts';
import type { SentTo, WebPorts } from './ports.ts';
import { readForm } from './read-form.ts';

/**
 * `/u/TOKEN`, the https address of List-Unsubscribe. GET shows one button and changes nothing, whoever follows the
 * link. POST with `List-Unsubscribe=One-Click`, which is also what the button sends, unsubscribes (RFC 8058 §3.2): no
 * cookie, no login, no redirect, and the same answer each time.
 */
export function unsubscribeRoutes(ports: WebPorts, pages: Pages): Hono {
  const app = new Hono();
  const { words } = pages;
  const listOf = (reader: SentTo) => ports.newsletter.lists[reader.list]?.title ?? ports.newsletter.name;
  const ask = (context: Context, reader: SentTo) =>
    pages.show(context, 200, words.unsubscribe, [
      html`<p>${pages.fill(words.leaveAsk, { list: listOf(reader) })}</p>
      <p class="quiet">${pages.fill(words.forAddress, { address: maskAddress(reader.address) })}</p>
      <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">
      <button>${words.unsubscribe}</button></form>`,
    ]);

  app.get('/:token', async (context) => {
    const reader = await findReader(ports, 'unsubscribe', context.req.param('token'));
    if (reader === 'dead') return pages.notice(context, 404, 'dead');
    if (reader === 'test') return pages.notice(context, 200, 'test');
    return ask(context, reader);
  });

  app.post('/:token', async (context) => {
    const form = await readForm(context.req);
    if ('status' in form) return pages.notice(context, form.status, 'unreadable');
    if (form.get('List-Unsubscribe')?.[0] !== 'One-Click') return pages.notice(context, 400, 'unreadable');
    const reader = await findReader(ports, 'unsubscribe', context.req.param('token'));
    if (reader === 'dead') return pages.notice(context, 404, 'dead');
    if (reader === 'test') return pages.notice(context, 200, 'test');
    const { key, list, address } = reader;
    await ports.suppress({ key, list, reason: 'unsubscribed', at: new Date(ports.now()).toISOString() });
    const said = { list: listOf(reader), address: maskAddress(address) };
    return pages.show(context, 200, words.left, [html`<p>${pages.fill(words.leftText, said)}</p>`]);
  });
  return app;
}
