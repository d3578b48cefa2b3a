import { Hono } from 'hono';
import type { WebPorts } from './ports.ts';

/** `/healthz`: the process lives. `/readyz`: it may be sent readers, for its ledger answers. */
export function healthRoutes({ ready }: WebPorts): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok\n'));
  app.get('/readyz', async (context) =>
    (await ready()) ? context.text('ready\n') : context.text('not ready\n', 503),
  );
  return app;
}
