import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Subscriber } from '../audience/audience.ts';
import { fill } from '../email/stencil.ts';
import { frameHtml } from './frame-html.ts';
import { guard, MAIL_POLICY } from './guard.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { openLastGood, slugOf } from './last-good.ts';
import { madeUpReader } from './made-up-readers.ts';
import { renderEmptyPage, renderIssuePage } from './pages.ts';
import type { PreviewPorts, ShownEmail } from './ports.ts';
import { parseView, type View } from './view.ts';

export interface Preview {
  /** The server as a value: it can be asked without a port. */
  readonly app: Hono;
  /** Tells every open page that something was saved or received. */
  changed(): void;
}

/** Makes the preview of a project: pages, mails in frames, and the stream that tells pages to look again. */
export function createPreview(ports: PreviewPorts): Preview {
  const { newsletter } = ports;
  const memory = openLastGood(ports);
  const listeners = new Set<() => void>();
  let version = 1;

  const listOf = (shown: ShownEmail) => shown.issue?.list ?? newsletter.list;
  const readerOf = async (shown: ShownEmail, view: View): Promise<Subscriber> => {
    const [first] = await ports.readers(listOf(shown), '', 1);
    const fields = new Set([
      ...Object.keys(first?.fields ?? {}),
      ...(shown.email?.fields ?? []).map(({ field }) => field),
    ]);
    const madeUp = madeUpReader(view.as, [...fields]);
    if (madeUp) return madeUp;
    const [chosen] = view.as === '' ? [] : await ports.readers(listOf(shown), view.as, 1);
    return chosen ?? first ?? { address: 'reader@example.com', key: 'reader@example.com', fields: {} };
  };
  const app = new Hono();
  app.use(guard);

  app.get('/', async (context) => {
    const all = await memory.list();
    const newest = all.find(({ issue }) => issue && !issue.draft) ?? all[0];
    if (newest) return context.redirect(`/issues/${encodeURIComponent(slugOf(newest))}`);
    return context.html(renderEmptyPage(newsletter, await ports.inbox.names(), version));
  });

  app.get('/issues/:slug', async (context) => {
    const slug = context.req.param('slug');
    const looked = await memory.look(slug);
    if (!looked) return context.text(`There is no issue "${slug}".`, 404);
    const view = parseView(new URL(context.req.url).searchParams);
    const shown = looked.good ?? looked.now;
    const reader = await readerOf(shown, view);
    const list = listOf(shown);
    return context.html(
      renderIssuePage({
        newsletter,
        version,
        slug,
        view,
        issues: await memory.list(),
        now: looked.now,
        shown,
        reader,
        found: view.find === '' ? [] : await ports.readers(list, view.find, 20),
        value: shown.email ? ports.value(shown.email, list, reader) : () => undefined,
        message: () => ports.message(shown.email!, list, reader),
        inbox: await ports.inbox.names(),
      }),
    );
  });

  app.get('/issues/:slug/email.html', async (context) => {
    const slug = context.req.param('slug');
    const email = (await memory.look(slug))?.good;
    if (!email?.email) return context.text('There is nothing to show yet.', 404);
    const view = parseView(new URL(context.req.url).searchParams);
    const reader = await readerOf(email, view);
    const html = fill(email.email.html, ports.value(email.email, listOf(email), reader), reader.fields);
    const cid = (id: string) => `/issues/${encodeURIComponent(slug)}/image?id=${encodeURIComponent(id)}`;
    context.header('content-security-policy', MAIL_POLICY);
    return context.html(frameHtml(html, { ...view, cid, publicUrl: newsletter.publicUrl }));
  });

  app.get('/issues/:slug/image', async (context) => {
    const email = (await memory.look(context.req.param('slug')))?.good?.email;
    const id = context.req.query('id');
    const image =
      email?.embedded.find(({ cid }) => cid === id) ?? email?.hosted.find(({ path }) => path === id);
    if (!image) return context.text('There is no such picture.', 404);
    return context.body(new Uint8Array(image.bytes), 200, { 'content-type': image.type });
  });

  app.get('/issues/:slug/message.eml', async (context) => {
    const slug = context.req.param('slug');
    const shown = (await memory.look(slug))?.good;
    if (!shown?.email) return context.text('There is nothing to send yet.', 404);
    const reader = await readerOf(shown, parseView(new URL(context.req.url).searchParams));
    return context.body(new Uint8Array(ports.message(shown.email, listOf(shown), reader)), 200, {
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${slug.replace(/[^\w-]/g, '-')}.eml"`,
    });
  });

  app.route(
    '/inbox',
    inboxRoutes({ newsletter, inbox: ports.inbox, issues: memory.list, version: () => version }),
  );

  app.get('/events', (context) =>
    streamSSE(context, async (stream) => {
      const tell = () => void stream.writeSSE({ event: 'version', data: String(version) });
      listeners.add(tell);
      tell();
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      listeners.delete(tell);
    }),
  );

  for (const [name, type] of [
    ['page.css', 'text/css'],
    ['page.js', 'text/javascript'],
  ] as const)
    app.get(`/assets/${name}`, async (context) =>
      context.body(await readFile(new URL(`./page/${name}`, import.meta.url), 'utf8'), 200, {
        'content-type': `${type}; charset=utf-8`,
      }),
    );
  app.get('/favicon.ico', (context) => context.body(null, 204));

  return {
    app,
    changed() {
      version += 1;
      memory.changed();
      for (const tell of listeners) tell();
    },
  };
}
