import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { guard } from './guard.ts';
import { inboxRoutes } from './inbox-routes.ts';
import { issueRoutes } from './issue-routes.ts';
import { openLastGood, slugOf } from './last-good.ts';
import type { PreviewPorts } from './ports.ts';
import type { Shell } from './render-document.ts';
import { renderEmptyPage } from './render-empty-page.ts';
import type { View } from './view.ts';

export interface Preview {
  /** The server as a value: it can be asked without a port. */
  readonly app: Hono;
  /** Tells every open page that these paths were saved, or mail was received. */
  changed(paths: readonly string[]): void;
  /** Sends open pages to look for whoever answers here now. */
  close(): void;
}

/** Makes the preview of a project: pages, mails in frames, and the stream that tells pages to look again. */
export function createPreview(ports: PreviewPorts): Preview {
  const memory = openLastGood(ports);
  const listeners = new Set<() => void>();
  const streams = new Set<() => void>();
  // Another number in each process, so that a page that outlived one looks again.
  let version = Date.now();
  let surveying = false;

  const shell = async (view: View | null): Promise<Shell> => {
    const [issues, names, sent] = await Promise.all([memory.list(), ports.inbox.names(), ports.sent()]);
    const listed = issues.map((one) => {
      const findings = memory.known(one.path)?.findings;
      const count = (severity: string) =>
        findings?.filter((finding) => finding.severity === severity).length ?? 0;
      const counts = findings ? { errors: count('error'), warnings: count('warning') } : null;
      return { ...one, sent: sent.get(slugOf(one)) ?? '', counts };
    });
    const unknown = listed.filter(({ counts }) => counts === null).length;
    return {
      newsletter: ports.newsletter,
      version,
      issues: listed,
      unknown,
      inboxCount: names.length,
      now: Date.now(),
      view,
    };
  };
  const tellAll = () => {
    version += 1;
    for (const tell of listeners) tell();
  };
  /** Looks for findings in what nobody looks at, one issue at a time, while a page is open; tells after each 25. */
  const survey = async () => {
    if (surveying) return;
    surveying = true;
    let done = 0;
    for (const one of await memory.list()) {
      if (listeners.size === 0) break;
      if (memory.known(one.path)) continue;
      await memory.look(slugOf(one)).catch(() => null);
      // What an author does in the meantime goes first.
      await new Promise((resolve) => setTimeout(resolve, 5));
      done += 1;
      if (done % 25 === 0) tellAll();
    }
    surveying = false;
    if (done % 25 !== 0) tellAll();
  };

  const app = new Hono();
  app.use(guard);
  app.get('/', async (context) => {
    const all = await memory.list();
    const newest = all.find(({ issue }) => issue && !issue.draft) ?? all[0];
    if (newest) return context.redirect(`/issues/${encodeURIComponent(slugOf(newest))}`);
    return context.html(renderEmptyPage(await shell(null)));
  });
  app.route('/issues', issueRoutes(ports, memory, shell, randomBytes(16).toString('hex')));
  app.route('/inbox', inboxRoutes(ports.inbox, shell));
  app.get('/events', (context) =>
    streamSSE(context, async (stream) => {
      const tell = () => void stream.writeSSE({ event: 'version', data: String(version) });
      listeners.add(tell);
      tell();
      void survey();
      await new Promise<void>((resolve) => {
        streams.add(resolve);
        stream.onAbort(resolve);
      });
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
      if (paths.length > 0) memory.changed(paths);
      tellAll();
      if (listeners.size > 0) void survey();
    },
    close() {
      for (const end of streams) end();
    },
  };
}
