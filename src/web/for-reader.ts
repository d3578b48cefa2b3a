import type { Context, Handler } from 'hono';
import { type FoundReader, findReader } from './find-reader.ts';
import type { Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { openRateLimit } from './rate-limit.ts';
import { type Form, readForm } from './read-form.ts';

/** Makes a route of what is to be done for the reader whose link leads there; `post`: with what they sent. */
export type ForReader = (
  page: (context: Context, reader: FoundReader, form: Form) => Response | Promise<Response>,
  post?: boolean,
) => Handler;

/** A person chooses a few times an hour. */
const LIMIT = { most: 30, within: 3_600_000 };

/** Opens the pages below `/p/TOKEN` to readers with a link of their own, and tells the others why not. */
export function openForReader(ports: WebPorts, pages: Pages): ForReader {
  const byReader = openRateLimit(LIMIT);
  return (page, post = true) =>
    async (context) => {
      const form: Awaited<ReturnType<typeof readForm>> = post ? await readForm(context.req) : new Map();
      if ('status' in form) return pages.notice(context, form.status, 'unreadable');
      const token = context.req.param('token') ?? '';
      const reader = await findReader(ports, ['preferences', 'manage'], token);
      if (reader === 'dead') return pages.notice(context, 404, 'dead');
      if (reader === 'test') return pages.notice(context, 200, 'test');
      if (reader.erased) return pages.notice(context, 200, 'nobody');
      if (post && byReader(reader.key, ports.now()) > 0) return pages.notice(context, 429, 'tooMany');
      return page(context, reader, form);
    };
}
