import { watch } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Context } from '../cli.ts';
import { CONFIG_FILE } from '../config.ts';
import { EXIT } from '../exit.ts';
import { createPreview } from '../preview/create-preview.ts';
import { type Inbox, startInbox } from '../transport/inbox.ts';
import { portsOf } from './preview/ports-of.ts';
import { reload } from './preview/reload.ts';

/** `npm run preview`: the page of all issues, following each save, and the inbox, until a signal. */
export default async function showPreview(
  context: Context,
  options: { readonly port?: number; readonly json?: boolean },
): Promise<number> {
  const { app, terminal, signal } = context;
  const folder = app.state('inbox');
  let preview = createPreview(portsOf(app));
  const server = createAdaptorServer({ fetch: (request) => preview.app.fetch(request) }) as Server;
  // A port that was asked for is taken or nothing; of the usual ones the next free.
  const port = await listen(server, options.port === undefined ? [3000, 3001, 3002, 0] : [options.port]);
  if (port === null) {
    terminal.complain(
      `Port ${options.port} is taken.`,
      `Another preview may be running there. Choose one: npm run preview -- --port ${(options.port ?? 3000) + 1}`,
    );
    return EXIT.usage;
  }
  const inbox = await openInbox(folder);
  const project = app.project.watch((paths) => {
    preview.changed(paths);
    if (!paths.includes(CONFIG_FILE)) return;
    void reload(context).then((fresh) => {
      if (!fresh) return;
      const before = preview;
      preview = createPreview(portsOf(fresh));
      before.close();
    });
  });
  const mail = watch(folder, () => preview.changed([]));
  const url = `http://127.0.0.1:${port}/`;
  if (options.json) terminal.print(JSON.stringify({ url, smtp: inbox.url }));
  else terminal.print(url);
  terminal.say(`Open it in a browser. The inbox takes mail at ${inbox.url}; Ctrl-C ends both.`);
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  project.close();
  mail.close();
  const closed = new Promise((resolve) => server.close(resolve));
  if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections();
  await Promise.all([closed, inbox.close()]);
  return EXIT.ok;
}

/** The usual port of such inboxes, so that other programs can be pointed at it; any other when it is taken. */
async function openInbox(folder: string): Promise<Inbox> {
  return startInbox({ folder, port: 2525 }).catch(() => startInbox({ folder }));
}

/** Listens on the first of these ports that is free, on this machine only; null: none is. */
async function listen(server: Server, ports: readonly number[]): Promise<number | null> {
  for (const port of ports) {
    const free = await new Promise<boolean>((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error);
      server.once('error', onError);
      server.listen(port, '127.0.0.1', () => {
        server.removeListener('error', onError);
        resolve(true);
      });
    });
    if (free) return (server.address() as AddressInfo).port;
  }
  return null;
}
