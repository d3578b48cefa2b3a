import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { type Ledger, LedgerBusy, LedgerError } from '../ledger/ledger.ts';
import { createWeb } from '../web/create-web.ts';
import { hooksOf } from './serve/hooks-of.ts';
import { compileConfirmations, logoOf, openMailer } from './serve/open-mailer.ts';
import { portsOf } from './serve/ports-of.ts';

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly json?: boolean;
}

/** What is in flight when we are told to stop has so long to end, ms. */
const GRACE = 10_000;

/** `npm run serve`: the public server, until a signal. What is in flight then is answered first. */
export default async function serve(context: Context, options: ServeOptions): Promise<number> {
  const { app, terminal, signal } = context;
  const { publicUrl } = app.config.newsletter;
  if (publicUrl === null || app.config.linkSecret === null) {
    terminal.complain(
      publicUrl === null
        ? '"publicUrl" is not set in newsletter.config.ts: readers would not find the server.'
        : 'LINK_SECRET is not set: nobody could be told by the link in their mail.',
      publicUrl === null
        ? "Set it to the address that readers see: publicUrl: 'https://letters.example.com'."
        : 'Make one with npm run -s keys -- new >> .env; it must be that of whoever sends.',
    );
    return EXIT.configuration;
  }
  if (app.config.ledger === 'git') {
    terminal.complain(
      'LEDGER=git keeps the ledger on a branch, which readers cannot write to.',
      'Keep it where the server and whoever sends both reach it: DATABASE_URL, or this machine.',
    );
    return EXIT.configuration;
  }
  const compiled = await compileConfirmations(app);
  if ('findings' in compiled) {
    terminal.findings(compiled.findings);
    terminal.complain('The mail that asks to confirm cannot be made.', 'Mend templates/confirm.mjml.');
    return EXIT.findings;
  }
  let ledger: Ledger;
  try {
    ledger = await app.openLedger({ create: true, readOnly: false });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return error instanceof LedgerBusy ? EXIT.again : EXIT.configuration;
  }
  const mailer = openMailer(app, ledger, compiled.emails, (line) => terminal.insist(line));
  try {
    const web = createWeb(
      portsOf(context, ledger, mailer, logoOf(app, compiled.emails)),
      hooksOf(context, ledger),
    );
    const server = createAdaptorServer({
      fetch: web.fetch,
      // Who sends a body a byte a minute holds nothing up: readers' bodies are a few hundred octets.
      serverOptions: { requestTimeout: 15_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
    }) as HttpServer;
    await listen(server, options);
    const { port } = server.address() as AddressInfo;
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    const url = `http://${host}:${port}${new URL(publicUrl).pathname.replace(/\/$/, '')}`;
    terminal.print(options.json ? JSON.stringify({ url }) : url);
    terminal.say(`Readers see it at ${publicUrl}. Ctrl-C ends it.`);
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await stop(server);
    return EXIT.ok;
  } finally {
    await mailer.close();
    await ledger.close();
  }
}

function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

/** Takes no more connections, and waits for the answers that are under way. */
async function stop(server: HttpServer): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), GRACE);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(late);
}
