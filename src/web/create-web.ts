import { Hono } from 'hono';
import { archiveRoutes } from './archive-routes.ts';
import { confirmRoutes } from './confirm-routes.ts';
import { openForReader } from './for-reader.ts';
import { guard } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { ownDataRoutes } from './own-data-routes.ts';
import { openPages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { preferencesRoutes } from './preferences-routes.ts';
import { subscribeRoutes } from './subscribe-routes.ts';
import { unsubscribeRoutes } from './unsubscribe-routes.ts';

/**
 * Makes the public server as a value: it can be asked without a port. Its paths lie below that of `publicUrl`; `hooks`
 * is what providers tell, at `/hooks`.
 */
export function createWeb(ports: WebPorts, hooks?: Hono): Hono {
  const pages = openPages(ports.newsletter, ports.logo);

  const app = new Hono();
  app.use(guard(pages.policy));
  app.route('/', healthRoutes(ports));
  const shown = app.basePath(pages.base);
  shown.route('/u', unsubscribeRoutes(ports, pages));
  if (hooks) shown.route('/hooks', hooks);
  const forReader = openForReader(ports, pages);
  shown.route('/p', preferencesRoutes(ports, pages, forReader));
  shown.route('/p', ownDataRoutes(ports, pages, forReader));
  shown.route('/subscribe', subscribeRoutes(ports, pages));
  shown.route('/c', confirmRoutes(ports, pages));
  shown.route('/', archiveRoutes(ports, pages));
  app.notFound((context) => pages.notice(context, 404, 'missing'));
  app.onError((error, context) => {
    // A path may be a link: who reads logs could use it.
    ports.log(`${context.req.method} /${context.req.path.split('/')[1] ?? ''}: ${error.message}`);
    // Most often the ledger cannot be used now: who asked by program, as providers do, tries again.
    context.header('retry-after', '60');
    return pages.notice(context, 503, 'failed');
  });
  return app;
}
