import type { Context } from '../../cli.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { WebPorts } from '../../web/ports.ts';

/** Hands the public server what it needs of an app and its ledger. */
export function portsOf({ app, terminal, signal }: Context, ledger: Ledger): WebPorts {
  const { newsletter, linkSecrets } = app.config;
  return {
    newsletter,
    secrets: linkSecrets,
    delivery: (id) => ledger.delivery(id),
    suppress: (suppression) => ledger.suppress(suppression),
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
