import { type Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import { openArchive } from './archive/open-archive.ts';
import { archiveUrl } from './archive/render-around.ts';
import { renderFeeds } from './archive/render-feed.ts';
import { indexHead, renderIndex } from './archive/render-index.ts';
import { findReader } from './find-reader.ts';
import type { Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';

/**
 * Mails are laid out by styles in them, and show pictures of anywhere; nothing of them may run, send or be framed.
 */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `/archive/`, its issues and feeds; `/v/TOKEN`, a reader's own version; `/images/NAME`, the pictures of all of them. */
export function archiveRoutes(ports: WebPorts, pages: Pages): Hono {
  const app = new Hono();
  const { newsletter, ledger } = ports;
  const archive = openArchive(ledger, newsletter, ports.secrets[0] ?? null);
  const feeds = async () => renderFeeds(newsletter, await archive.issues(), archiveUrl(newsletter)!);
  const lasting = (context: Context, seconds: number) => {
    context.header('Cache-Control', `public, max-age=${seconds}`);
    context.header('X-Robots-Tag', 'all');
  };

  app.use('/archive/*', etag());
  // With the slash, so that the links of a page lead to the same places on the server and in files.
  app.get('/archive', (context) => context.redirect(`${pages.base}/archive/`, 301));
  app.get('/archive/', async (context) => {
    lasting(context, 60);
    const main = renderIndex(newsletter, pages, await archive.issues());
    return pages.show(context, 200, pages.words.archive, main, indexHead(newsletter));
  });
  app.get('/archive/atom.xml', async (context) => {
    lasting(context, 300);
    return context.body((await feeds()).atom, 200, { 'Content-Type': 'application/atom+xml; charset=utf-8' });
  });
  app.get('/archive/rss.xml', async (context) => {
    lasting(context, 300);
    return context.body((await feeds()).rss, 200, { 'Content-Type': 'application/rss+xml; charset=utf-8' });
  });
  app.get('/archive/:slug', async (context) => {
    const slug = context.req.param('slug');
    if ((await archive.page(slug)) === null) return pages.notice(context, 404, 'missing');
    return context.redirect(`${pages.base}/archive/${encodeURIComponent(slug)}/`, 301);
  });
  app.get('/archive/:slug/', async (context) => {
    const page = await archive.page(context.req.param('slug'));
    if (page === null) return pages.notice(context, 404, 'missing');
    lasting(context, 300);
    context.header('Content-Security-Policy', POLICY);
    return context.html(page);
  });

  app.get('/v/:token', async (context) => {
    const reader = await findReader(ports, ['web'], context.req.param('token'));
    if (reader === 'dead') return pages.notice(context, 404, 'dead');
    if (reader === 'test') return pages.notice(context, 200, 'test');
    const delivery = await ledger.delivery(reader.id);
    const page = delivery && (await archive.ownPage(delivery));
    if (!page) return pages.notice(context, 404, 'dead');
    context.header('Content-Security-Policy', POLICY);
    return context.html(page);
  });

  app.get('/images/:name', async (context) => {
    const image = await archive.image(context.req.param('name'));
    if (image === null) return pages.notice(context, 404, 'missing');
    // Named by its content: it never changes.
    context.header('Cache-Control', 'public, max-age=31536000, immutable');
    return context.body(new Uint8Array(image.bytes), 200, { 'Content-Type': image.type });
  });
  return app;
}
