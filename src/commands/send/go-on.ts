import type { Campaign } from '../../campaign/campaign.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { listBehind } from '../../newsletter.ts';
import { parseDuration } from '../../parse-duration.ts';
import type { FoundIssue } from '../../project.ts';
import type { SendOptions } from '../send.ts';
import { configurationFault } from './configuration-fault.ts';
import { confirm } from './confirm.ts';
import { finishOf, inWords } from './finish-of.ts';
import { exitOfReport, runCampaign } from './run-campaign.ts';
import { withLedger } from './with-ledger.ts';

/**
 * Goes on with the campaign of an issue that is under way, whatever has become of the issue's file or its list since:
 * email and audience are frozen (invariant 5). Gives the exit code, or null when nothing is under way.
 */
export async function goOn(
  context: Context,
  found: FoundIssue,
  options: SendOptions,
): Promise<number | null> {
  const { app, terminal } = context;
  // A ledger on a branch is opened, and locked, once a run: by the delivery itself.
  if (app.config.ledger === 'git' || !app.hasLedger()) return null;
  let none = false;
  const code = await withLedger(context, options, async (ledger) => {
    await ledger.sweep(Date.now());
    const slugs = [found.issue?.slug, options.issue];
    const open = (await ledger.campaigns()).filter(
      ({ slug, state }) => slugs.includes(slug) && (state === 'running' || state === 'paused'),
    );
    const { newsletter } = app.config;
    const named = options.list ?? found.issue?.list ?? (open.length === 1 ? open[0]!.list : newsletter.list);
    const wanted = listBehind(newsletter, named);
    const campaign = open.find(({ list }) => list === wanted);
    none = campaign === undefined;
    if (!campaign) return EXIT.ok;
    const { accepted, queued, claimed, sending } = await ledger.counts(campaign.id);
    const left = queued + claimed + sending;
    const now = Date.now();
    const byDomain = await ledger.openByDomain(campaign.id);
    const finish = await finishOf(app.config, ledger, options.inbox === true, byDomain, now);
    show(context, campaign, accepted, left, inWords(now, finish));
    if (options.where !== undefined)
      terminal.say('Whom it goes to was decided when it began: --where is for who is left afterwards.\n');
    if (options.dryRun) {
      terminal.say('Nothing was sent: this was the plan only.');
      return EXIT.ok;
    }
    const fault = configurationFault(context, options);
    if (fault) {
      terminal.complain(fault.message, fault.hint);
      return EXIT.configuration;
    }
    const wait = parseDuration(options.until);
    if (wait === null) {
      terminal.complain(`--until: "${options.until}" is no time.`, 'Write it like 30m or 2h.');
      return EXIT.usage;
    }
    const confirmed = await confirm(context, campaign.slug, options, true);
    if (confirmed !== EXIT.ok) return confirmed;
    await ledger.setState(campaign.id, 'running', '');
    return exitOfReport(await runCampaign(context, campaign, ledger, Date.now() + wait, options));
  });
  return none ? null : code;
}

function show(
  { terminal }: Context,
  campaign: Campaign,
  accepted: number,
  left: number,
  takes: string,
): void {
  const number = (count: number) => count.toLocaleString('en');
  terminal.say(
    `\nGoing on with ${terminal.paint('bold', campaign.slug)} to ${campaign.list}: ${number(accepted)} accepted, ` +
      `${terminal.paint('bold', number(left))} to go, ${takes}.\n` +
      'Readers get the email that was recorded when it began, whatever has become of the file since.\n',
  );
}
