import { Hono } from 'hono';
import { guard } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { openPages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { unsubscribeRoutes } from './unsubscribe-routes.ts';

/**
 * Makes the public server as a value: it can be asked without a port. Its paths lie below that of `publicUrl`; `hooks`
 * is what providers tell, at `/hooks`.
 */
export function createWeb(ports: WebPorts, hooks?: Hono): Hono {
  const pages = openPages(ports.newsletter);
  const { pathname } = new URL(ports.newsletter.publicUrl ?? 'http://localhost');

  const app = new Hono();
  app.use(guard(pages.policy));
  app.route('/', healthRoutes(ports));
  const shown = app.basePath(pathname === '/' ? '' : pathname);
  shown.route('/u', unsubscribeRoutes(ports, pages));
  if (hooks) shown.route('/hooks', hooks);
  app.notFound((context) => pages.notice(context, 404, 'missing'));
  app.onError((error, context) => {
    // A path may be a link: who reads logs could use it.
    ports.log(`${context.req.method} /${context.req.path.split('/')[1] ?? ''}: ${error.message}`);
    return pages.notice(context, 500, 'failed');
  });
  return app;
}
