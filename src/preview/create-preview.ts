import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Subscriber } from '../audience/audience.ts';
import { fill } from '../email/stencil.ts';
import { markBlocks } from './block-lines.ts';
import { choicesOf, decide } from './choices-of.ts';
import { drawClipLine } from './clip-line.ts';
import { frameHtml } from './frame-html.ts';
import { guard, MAIL_POLICY } from './guard.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { openLastGood, slugOf } from './last-good.ts';
import { madeUpReader } from './made-up-readers.ts';
import type { PreviewPorts, ShownEmail } from './ports.ts';
import type { Shell } from './render-document.ts';
import { renderEmptyPage } from './render-empty-page.ts';
import { renderIssuePage } from './render-issue-page.ts';
import { parseView, type View } from './view.ts';

export interface Preview {
  /** The server as a value: it can be asked without a port. */
  readonly app: Hono;
  /** Tells every open page that these paths were saved, or mail was received. */
  changed(paths: readonly string[]): void;
}

/** Makes the preview of a project: pages, mails in frames, and the stream that tells pages to look again. */
export function createPreview(ports: PreviewPorts): Preview {
  const { newsletter } = ports;
  const memory = openLastGood(ports);
  const listeners = new Set<() => void>();
  // Another number in each process, so that a page that outlived one looks again.
  let version = Date.now();

  const shell = async (view: View | null): Promise<Shell> => {
    const [issues, names, sent] = await Promise.all([memory.list(), ports.inbox.names(), ports.sent()]);
    const listed = issues.map((one) => {
      const findings = memory.known(one.path)?.findings;
      const count = (severity: string) =>
        findings?.filter((finding) => finding.severity === severity).length ?? 0;
      const counts = findings ? { errors: count('error'), warnings: count('warning') } : null;
      return { ...one, sent: sent.get(slugOf(one)) ?? '', counts };
    });
    return { newsletter, version, issues: listed, inboxCount: names.length, view };
  };
  const listOf = (shown: ShownEmail) => shown.issue?.list ?? newsletter.list;
  const readerOf = async (shown: ShownEmail, view: View): Promise<Subscriber> => {
    const [first] = await ports.readers(listOf(shown), '', 1);
    const used = (shown.email?.fields ?? []).map(({ field }) => field);
    const madeUp = madeUpReader(view.as, [...new Set([...Object.keys(first?.fields ?? {}), ...used])]);
    if (madeUp) return madeUp;
    const [chosen] = view.as === '' ? [] : await ports.readers(listOf(shown), view.as, 1);
    return chosen ?? first ?? { address: 'reader@example.com', key: 'reader@example.com', fields: {} };
  };
  const viewOf = (url: string) => parseView(new URL(url).searchParams);

  const app = new Hono();
  app.use(guard);

  app.get('/', async (context) => {
    const all = await memory.list();
    const newest = all.find(({ issue }) => issue && !issue.draft) ?? all[0];
    if (newest) return context.redirect(`/issues/${encodeURIComponent(slugOf(newest))}`);
    return context.html(renderEmptyPage(await shell(null)));
  });

  app.get('/issues/:slug', async (context) => {
    const slug = context.req.param('slug');
    const looked = await memory.look(slug);
    if (!looked) return context.text(`There is no issue "${slug}".`, 404);
    const view = viewOf(context.req.url);
    const shown = looked.good ?? looked.now;
    const reader = await readerOf(shown, view);
    const list = listOf(shown);
    return context.html(
      renderIssuePage({
        shell: await shell(view),
        slug,
        view,
        now: looked.now,
        shown,
        reader,
        found: view.find === '' ? [] : await ports.readers(list, view.find, 20),
        value: shown.email ? ports.value(shown.email, list, reader) : () => undefined,
        message: () => ports.message(shown.email!, list, reader),
      }),
    );
  });

  app.get('/issues/:slug/email.html', async (context) => {
    const slug = context.req.param('slug');
    const shown = (await memory.look(slug))?.good;
    if (!shown?.email || !shown.issue) return context.text('There is nothing to show yet.', 404);
    const view = viewOf(context.req.url);
    const reader = await readerOf(shown, view);
    const stencil = decide(shown.email.html, choicesOf(shown.email), view.choose);
    const html = fill(stencil, ports.value(shown.email, listOf(shown), reader), reader.fields);
    const marked = markBlocks(drawClipLine(html), shown.issue.body, shown.issue.bodyLine);
    const cid = (id: string) => `/issues/${encodeURIComponent(slug)}/image?id=${encodeURIComponent(id)}`;
    const scheme = view.scheme === 'beside' ? 'light' : view.scheme;
    context.header('content-security-policy', MAIL_POLICY);
    return context.html(frameHtml(marked, { ...view, scheme, cid, publicUrl: newsletter.publicUrl }));
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
    const reader = await readerOf(shown, viewOf(context.req.url));
    return context.body(new Uint8Array(ports.message(shown.email, listOf(shown), reader)), 200, {
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${slug.replace(/[^\w-]/g, '-')}.eml"`,
    });
  });

  app.route('/inbox', inboxRoutes(ports.inbox, shell));

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
    changed(paths) {
      version += 1;
      if (paths.length > 0) memory.changed(paths);
      for (const tell of listeners) tell();
    },
  };
}
