import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { linkSigner } from '../audience/links.ts';
import { type FoundReader, findReader } from './find-reader.ts';
import { titleOf } from './list-titles.ts';
import { maskAddress } from './mask-address.ts';
import type { Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { readForm } from './read-form.ts';

/**
 * `/u/TOKEN`, the https address of List-Unsubscribe. GET shows one button and changes nothing, whoever follows the
 * link. POST with `List-Unsubscribe=One-Click`, which is also what the button sends, unsubscribes (RFC 8058 §3.2): no
 * cookie, no login, no redirect, and the same answer each time. It is never limited: providers send many from one place.
 */
export function unsubscribeRoutes(ports: WebPorts, pages: Pages): Hono {
  const app = new Hono();
  const { newsletter, ledger } = ports;
  const { words } = pages;

  /** Runs a page of the reader to whom the link belongs. */
  const forReader = async (
    context: Context,
    page: (reader: FoundReader) => Response | Promise<Response>,
  ): Promise<Response> => {
    const reader = await findReader(ports, ['unsubscribe'], context.req.param('token') ?? '');
    if (reader === 'dead') return pages.notice(context, 404, 'dead');
    if (reader === 'test') return pages.notice(context, 200, 'test');
    return reader.erased ? pages.notice(context, 200, 'nobody') : page(reader);
  };

  app.get('/:token', (context) =>
    forReader(context, (reader) =>
      pages.show(context, 200, words.unsubscribe, [
        html`<p>${pages.fill(words.leaveAsk, { list: titleOf(newsletter, reader.list) })}</p>
        <p class="quiet">${pages.fill(words.forAddress, { address: maskAddress(reader.address) })}</p>
        <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">
        <button>${words.unsubscribe}</button></form>`,
      ]),
    ),
  );

  app.post('/:token', async (context) => {
    const form = await readForm(context.req);
    if ('status' in form) return pages.notice(context, form.status, 'unreadable');
    if (form.get('List-Unsubscribe')?.[0] !== 'One-Click') return pages.notice(context, 400, 'unreadable');
    return forReader(context, async ({ id, key, list, address }) => {
      const at = new Date(ports.now()).toISOString();
      await ledger.suppress({ key, list, reason: 'unsubscribed', at }, 'one-click');
      const said = { list: titleOf(newsletter, list), address: maskAddress(address) };
      const signed = linkSigner(ports.secrets[0]!, { list, key });
      const preferences = `${pages.base}/p/${signed({ purpose: 'live', action: 'preferences', row: id })}`;
      return pages.show(context, 200, words.left, [
        html`<p>${pages.fill(words.leftText, said)}</p>
        <p>${words.leftMistake} <a href="${preferences}">${words.preferences}</a></p>`,
      ]);
    });
  });
  return app;
}
