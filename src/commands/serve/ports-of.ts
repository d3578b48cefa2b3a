import type { Context } from '../../cli.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { WebPorts } from '../../web/ports.ts';

const STATES = [
  'queued',
  'claimed',
  'sending',
  'accepted',
  'rejected',
  'uncertain',
  'suppressed',
  'cancelled',
] as const;

/** Hands the public server what it needs of an app and its ledger. */
export function portsOf({ app, terminal, signal }: Context, ledger: Ledger): WebPorts {
  const { newsletter, linkSecrets } = app.config;
  return {
    newsletter,
    secrets: linkSecrets,
    async delivery(id) {
      for (const campaign of await ledger.campaigns()) {
        const [row] = await ledger.deliveries(campaign.id, STATES, id - 1, 1);
        if (row?.id === id) return { ...row, list: campaign.list };
      }
      return null;
    },
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
