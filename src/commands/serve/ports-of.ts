import type { Context } from '../../cli.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { WebPorts } from '../../web/ports.ts';

/** Hands the public server what it needs of an app, its ledger and the mailer of confirmations. */
export function portsOf(
  { app, terminal, signal }: Context,
  ledger: Ledger,
  mailer: { wake(): void },
  logo: string | null = null,
): WebPorts {
  const { newsletter, linkSecrets, trustedProxies } = app.config;
  return {
    newsletter,
    secrets: linkSecrets,
    ledger,
    lists: async () => [...new Set([...Object.keys(newsletter.lists), ...(await app.project.lists())])],
    trustedProxies,
    logo,
    mailDue: mailer.wake,
    ready: async () =>
      !signal.aborted &&
      (await ledger.campaigns('').then(
        () => true,
        () => false,
      )),
    now: Date.now,
    log: (line) => terminal.insist(`${new Date().toISOString()} ${line}`),
  };
}
