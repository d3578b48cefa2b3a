import { type Campaign, type Counts, type Delivery, PAUSED_BY_HAND } from '../campaign/campaign.ts';
import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { type Ledger, LedgerBusy, LedgerError } from '../ledger/ledger.ts';
import type { Terminal } from '../terminal.ts';

interface StatusOptions {
  /** Slug or path. */
  readonly issue?: string;
  readonly resolve?: 'resend' | 'accept';
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly cancel?: boolean;
  readonly json?: boolean;
}

/** `npm run status`: what became of the mail, and commands to a campaign, also to one that runs elsewhere. */
export default async function status({ app, terminal }: Context, options: StatusOptions): Promise<number> {
  const acts = options.resolve || options.pause || options.resume || options.cancel;
  if (acts && options.issue === undefined) {
    terminal.complain('Which issue?', 'Name it, for example: npm run status -- ISSUE --pause');
    return EXIT.usage;
  }
  const slug = options.issue && ((await app.project.findIssue(options.issue)).issue?.slug ?? options.issue);
  let ledger: Ledger | null = null;
  try {
    ledger = app.hasLedger() ? await app.openLedger({ create: false, readOnly: !acts }) : null;
    await ledger?.sweep(Date.now());
    const campaigns = (await ledger?.campaigns(slug)) ?? [];
    if (campaigns.length === 0 && slug !== undefined) {
      terminal.complain(`No campaign of "${slug}" was ever begun.`, 'See all of them with: npm run status');
      return EXIT.findings;
    }
    if (ledger && acts) for (const campaign of campaigns) await act(ledger, campaign, options, terminal.say);
    const all = [];
    for (const campaign of (await ledger?.campaigns(slug)) ?? []) {
      const counts = await ledger!.counts(campaign.id);
      const troubled = await ledger!.deliveries(campaign.id, ['rejected', 'uncertain']);
      all.push({ ...campaign, counts, troubled });
      if (!options.json) show(terminal, campaign, counts, troubled, await ledger!.nextDue(campaign.id));
    }
    if (options.json) terminal.print(JSON.stringify(all));
    else if (all.length === 0) terminal.say('Nothing was ever sent from here.');
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return error instanceof LedgerBusy ? EXIT.again : EXIT.configuration;
  } finally {
    await ledger?.close().catch(() => {});
  }
}

/** One campaign for a person: how it stands, who had trouble, and the next command. */
function show(
  terminal: Terminal,
  campaign: Campaign,
  counts: Counts,
  troubled: readonly Delivery[],
  nextDue: number | null,
): void {
  const { slug, list, state, reason, createdAt } = campaign;
  const begun = new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ');
  // Nothing is in flight: whoever sent it has ended, or waits for deferred readers.
  const idle = state === 'running' && counts.claimed + counts.sending === 0 && counts.queued > 0;
  const waits = nextDue !== null && nextDue > Date.now();
  const next = waits
    ? `waiting until ${new Date(nextDue).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'stopped';
  terminal.print(
    `${slug} to ${list}, begun ${begun} UTC: ${idle ? next : state}${reason ? ` (${reason})` : ''}`,
  );
  const said = Object.entries(counts).filter(([, count]) => count > 0);
  terminal.print(`  ${said.map(([name, count]) => `${count.toLocaleString('en')} ${name}`).join(', ')}`);
  for (const delivery of troubled)
    terminal.print(
      `  ${delivery.state} ${delivery.address}  ${delivery.code || ''} ${delivery.reply}`.trimEnd(),
    );
  if (counts.uncertain > 0)
    terminal.say(
      '  Uncertain: the connection was lost before the reply; they may have it or not. Decide with\n' +
        `  npm run status -- ${slug} --resolve resend   or   --resolve accept`,
    );
  if (state === 'paused' || (state === 'running' && counts.queued > 0))
    terminal.say(`  Go on with: npm run send -- ${slug} --list ${list}`);
}

async function act(
  ledger: Ledger,
  campaign: Campaign,
  options: StatusOptions,
  say: (text: string) => void,
): Promise<void> {
  const { id, state, slug, list } = campaign;
  const refuse = (verb: string) => say(`${slug} to ${list} is ${state}: there is nothing to ${verb}.`);
  if (options.resolve) {
    const count = await ledger.resolve(id, options.resolve, Date.now());
    const what =
      options.resolve === 'accept' ? 'counted as accepted' : 'queued again: run send to deliver them';
    say(`${count} uncertain ${what}.`);
  }
  if (options.pause)
    if (state === 'running') await ledger.setState(id, 'paused', PAUSED_BY_HAND);
    else refuse('pause');
  if (options.resume)
    if (state === 'paused') await ledger.setState(id, 'running', '');
    else refuse('resume');
  if (options.cancel)
    if (state === 'running' || state === 'paused')
      await ledger.setState(id, 'cancelled', 'cancelled by hand');
    else refuse('cancel');
}
