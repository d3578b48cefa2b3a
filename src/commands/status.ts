import { existsSync } from 'node:fs';
import type { Campaign } from '../campaign/campaign.ts';
import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { type Ledger, LedgerError } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';

interface StatusOptions {
  readonly issue?: string;
  readonly resolve?: 'resend' | 'accept';
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly cancel?: boolean;
  readonly json?: boolean;
}

/** `npm run status`: what became of the mail, and commands to a campaign, also to one that runs elsewhere. */
export default async function status({ app, terminal }: Context, options: StatusOptions): Promise<number> {
  const path = app.state('ledger.sqlite');
  const acts = options.resolve || options.pause || options.resume || options.cancel;
  if (acts && options.issue === undefined) {
    terminal.complain('Which issue?', 'npm run status -- ISSUE --pause');
    return EXIT.usage;
  }
  if (!existsSync(path)) {
    if (options.json) terminal.print('[]');
    terminal.say('Nothing was ever sent from here.');
    return EXIT.ok;
  }
  let ledger: Ledger | null = null;
  try {
    ledger = await openLedger(path);
    await ledger.sweep(Date.now());
    const campaigns = await ledger.campaigns(options.issue);
    if (campaigns.length === 0 && options.issue !== undefined) {
      terminal.complain(`No campaign of "${options.issue}" was ever begun.`);
      return EXIT.findings;
    }
    for (const campaign of campaigns) if (acts) await act(ledger, campaign, options, terminal.say);
    const all = [];
    for (const campaign of await ledger.campaigns(options.issue)) {
      const counts = await ledger.counts(campaign.id);
      const troubled = await ledger.deliveries(campaign.id, ['rejected', 'uncertain']);
      all.push({ ...campaign, counts, troubled });
      if (options.json) continue;
      const words = Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([state, count]) => `${count} ${state}`);
      terminal.print(
        `${campaign.slug} to ${campaign.list}: ${campaign.state}${campaign.reason ? ` (${campaign.reason})` : ''}: ${words.join(', ')}`,
      );
      for (const { state, address, code, reply } of troubled)
        terminal.print(`  ${state} ${address} ${code ?? ''} ${reply}`.trimEnd());
    }
    if (options.json) terminal.print(JSON.stringify(all));
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return EXIT.configuration;
  } finally {
    await ledger?.close().catch(() => {});
  }
}

async function act(
  ledger: Ledger,
  campaign: Campaign,
  options: StatusOptions,
  say: (text: string) => void,
): Promise<void> {
  if (options.resolve) {
    const count = await ledger.resolve(campaign.id, options.resolve, Date.now());
    say(
      `${count} uncertain ${options.resolve === 'accept' ? 'counted as accepted' : 'queued again: run send to deliver them'}.`,
    );
  }
  if (options.pause && campaign.state === 'running')
    await ledger.setState(campaign.id, 'paused', 'paused by hand');
  if (options.resume && campaign.state === 'paused') await ledger.setState(campaign.id, 'running', '');
  if (options.cancel && campaign.state !== 'finished')
    await ledger.setState(campaign.id, 'cancelled', 'cancelled by hand');
}
