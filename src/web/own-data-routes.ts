import { Hono } from 'hono';
import { html } from 'hono/html';
import { erasedKey } from '../audience/suppressed-file.ts';
import type { ForReader } from './for-reader.ts';
import type { Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';

/** Below `/p/TOKEN`: leaving all, a copy of what is kept about a reader, and its deletion, each by a button. */
export function ownDataRoutes(ports: WebPorts, pages: Pages, forReader: ForReader): Hono {
  const app = new Hono();
  const { newsletter, ledger } = ports;
  const { words } = pages;

  app.post(
    '/:token/leave',
    forReader(async (context, reader) => {
      const at = new Date(ports.now()).toISOString();
      await ledger.suppress({ key: reader.key, list: null, reason: 'left', at }, 'preferences');
      return pages.say(context, words.left, pages.fill(words.leftAllText, { name: newsletter.name }));
    }),
  );

  app.post(
    '/:token/data',
    forReader(async (context, reader) => {
      context.header('content-disposition', 'attachment; filename="my-data.json"');
      return context.json(await ledger.dataOf(reader.key));
    }),
  );

  app.get(
    '/:token/erase',
    forReader(
      async (context) =>
        pages.show(context, 200, words.erase, [
          html`<p>${words.eraseAsk}</p><form method="post"><input type="hidden" name="erase" value="yes"><button>${words.erase}</button></form>`,
        ]),
      false,
    ),
  );
  app.post(
    '/:token/erase',
    forReader(async (context, reader, form) => {
      if (form.get('erase')?.[0] !== 'yes') return pages.notice(context, 400, 'unreadable');
      await ledger.erase(reader.key, erasedKey(ports.secrets[0]!, reader.key), ports.now());
      return pages.say(context, words.erased, words.erasedText);
    }),
  );

  return app;
}
