import { existsSync, watch } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Subscriber } from '../audience/audience.ts';
import { readList } from '../audience/read-list.ts';
import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { holeValue } from '../message/hole-value.ts';
import { prepareMessages } from '../message/prepare-messages.ts';
import { readerLinks } from '../message/reader-links.ts';
import { senderOf } from '../message/sender-of.ts';
import { createPreview } from '../preview/create-preview.ts';
import type { PreviewPorts } from '../preview/ports.ts';
import { type Inbox, inboxNames, readInboxMessage, startInbox } from '../transport/inbox.ts';

/** `npm run preview`: the page of all issues, following each save, and the inbox, until a signal. */
export default async function preview(
  { app, terminal, signal }: Context,
  options: { readonly port?: number; readonly json?: boolean },
): Promise<number> {
  const folder = app.state('inbox');
  const { app: pages, changed } = createPreview(portsOf(app));
  const server = createAdaptorServer({ fetch: pages.fetch }) as Server;
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
  const project = app.project.watch(changed);
  const mail = watch(folder, () => changed([]));
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

function portsOf(app: Context['app']): PreviewPorts {
  const { newsletter, linkSecret, dkimKey } = app.config;
  return {
    newsletter,
    issues: () => app.project.issues(),
    render: (found) => app.render(found),
    async readers(name, query, limit) {
      const list = await app.project.list(name);
      const found: Subscriber[] = [];
      if ('findings' in list) return found;
      const wanted = query.toLowerCase();
      for await (const row of readList(list.path, list.chunks())) {
        if (!('subscriber' in row)) continue;
        const { address, fields } = row.subscriber;
        if ([address, ...Object.values(fields)].some((text) => text.toLowerCase().includes(wanted)))
          found.push(row.subscriber);
        if (found.length >= limit) break;
      }
      return found;
    },
    sent: () => sentSoFar(app.state('ledger.sqlite')),
    value(email, list, reader) {
      const sender = senderOf(newsletter, email, list, 'test');
      const links = readerLinks(sender, email.slug, reader.key, linkSecret);
      return (name) => holeValue(name, { email: reader.address, ...reader.fields }, links);
    },
    message(email, list, reader) {
      const sender = senderOf(newsletter, email, list, 'test');
      const stamp = prepareMessages(email, { id: 'preview', sender }, { linkSecret, dkimKey });
      return Buffer.concat(stamp(reader, Date.now()).content);
    },
    inbox: {
      names: () => inboxNames(app.state('inbox')),
      read: (name) => readInboxMessage(app.state('inbox'), name),
    },
  };
}

/** What the ledger says of each issue's campaigns together. A ledger that cannot be read says nothing here. */
async function sentSoFar(path: string): Promise<ReadonlyMap<string, string>> {
  const said = new Map<string, string>();
  if (!existsSync(path)) return said;
  try {
    const ledger = await openLedger(path);
    for (const { id, slug, state } of await ledger.campaigns()) {
      const counts = await ledger.counts(id);
      const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const number = (count: number) => count.toLocaleString('en');
      const going =
        state === 'running' ? `sending ${Math.floor((counts.accepted / Math.max(all, 1)) * 100)} %` : state;
      said.set(slug, state === 'finished' ? `accepted ${number(counts.accepted)} of ${number(all)}` : going);
    }
    await ledger.close();
  } catch {
    return said;
  }
  return said;
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
