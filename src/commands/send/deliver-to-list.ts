import type { Context } from '../../cli.ts';
import type { Email } from '../../email/email.ts';
import { EXIT } from '../../exit.ts';
import type { Issue } from '../../issue/issue.ts';
import { parseDuration } from '../../parse-duration.ts';
import type { SendOptions } from '../send.ts';
import { beginCampaign } from './begin-campaign.ts';
import { configurationFault } from './configuration-fault.ts';
import { exitOfReport, runCampaign } from './run-campaign.ts';
import { withLedger } from './with-ledger.ts';

/** Plans, shows, asks, records and delivers an issue to a list; run again, it goes on where it stopped. */
export default async function deliverToList(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
): Promise<number> {
  const { terminal } = context;
  const wait = parseDuration(options.until);
  if (wait === null) {
    terminal.complain(`--until: "${options.until}" is no time.`, 'Write it like 30m or 2h.');
    return EXIT.usage;
  }
  // A plan needs no server, and says when there is none.
  const fault = configurationFault(context, options.dryRun ? { ...options, inbox: true } : options);
  if (fault) {
    terminal.complain(fault.message, fault.hint);
    if (!options.dryRun) return EXIT.configuration;
  }
  if (issue.draft && !options.inbox) {
    const { line } = issue.keys.draft ?? issue.keys.status ?? { line: 1 };
    terminal.complain(
      `${issue.path}:${line} says that "${issue.slug}" is a draft: drafts are never delivered to a list.`,
      'Take "draft: true" out when it is ready; until then send tests, or rehearse with --inbox.',
    );
    if (!options.dryRun) return EXIT.findings;
  }
  return withLedger(context, options, async (ledger) => {
    const campaign = await beginCampaign(context, issue, email, options, ledger);
    if (typeof campaign === 'number') return options.dryRun && fault ? EXIT.configuration : campaign;
    return exitOfReport(await runCampaign(context, campaign, ledger, Date.now() + wait, options));
  });
}
