import type { Delivery } from '../campaign/campaign.ts';
import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { type Ledger, LedgerBusy, LedgerError } from '../ledger/ledger.ts';
import { groupReplies } from '../report/group-replies.ts';
import { act } from './status/act.ts';
import { show } from './status/show.ts';
import { toCsv } from './status/to-csv.ts';
import { writeReport } from './status/write-report.ts';

export interface StatusOptions {
  /** Slug or path. */
  readonly issue?: string;
  readonly resolve?: 'resend' | 'accept';
  /** Why they were rejected. */
  readonly retryRejected?: string;
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly cancel?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
  /** Where to write the page of plots. */
  readonly report?: string;
}

/** `npm run status`: what became of the mail, and commands to a campaign, also to one that runs elsewhere. */
export default async function status({ app, terminal }: Context, options: StatusOptions): Promise<number> {
  const { resolve, retryRejected, pause, resume, cancel, report } = options;
  const acts = Boolean(resolve || retryRejected !== undefined || pause || resume || cancel);
  if ((acts || report !== undefined) && options.issue === undefined) {
    terminal.complain('Which issue?', 'Name it, for example: npm run status -- ISSUE --pause');
    return EXIT.usage;
  }
  if (retryRejected?.trim() === '') {
    terminal.complain(
      '--retry-rejected: for which reason?',
      'Name a code (550, 5.7.1), words of the reply, or all.',
    );
    return EXIT.usage;
  }
  if (report !== undefined && !/\.html?$/i.test(report)) {
    terminal.complain(`--report: "${report}" is no name of a page.`, 'Write it like report.html');
    return EXIT.usage;
  }
  const slug = options.issue && ((await app.project.findIssue(options.issue)).issue?.slug ?? options.issue);
  let ledger: Ledger | null = null;
  try {
    ledger = app.hasLedger() ? await app.openLedger({ create: false, readOnly: !acts }) : null;
    await ledger?.sweep(Date.now());
    const begun = (await ledger?.campaigns(slug)) ?? [];
    if (begun.length === 0 && slug !== undefined) {
      terminal.complain(`No campaign of "${slug}" was ever begun.`, 'See all of them with: npm run status');
      return EXIT.findings;
    }
    if (!ledger || begun.length === 0) {
      if (options.json) terminal.print('[]');
      else terminal.say('Nothing was ever sent from here.');
      return EXIT.ok;
    }
    let done = !acts;
    if (acts) for (const campaign of begun) done = (await act(ledger, campaign, options, terminal)) || done;
    const campaigns = await ledger.campaigns(slug);
    if (report !== undefined) {
      await writeReport(ledger, campaigns, report);
      terminal.say(`Written: ${report}. It holds no addresses.`);
    } else if (options.csv) await terminal.stream(toCsv(ledger, campaigns));
    else if (options.json) terminal.print(JSON.stringify(await standings(ledger, campaigns)));
    else
      for (const campaign of campaigns) {
        const { id } = campaign;
        const [counts, replies] = [await ledger.counts(id), await ledger.replies(id)];
        const troubled = await ledger.deliveries(id, ['rejected', 'uncertain'], 0, 20);
        show(terminal, { campaign, counts, replies, troubled, nextDue: await ledger.nextDue(id) });
      }
    return done ? EXIT.ok : EXIT.findings;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return error instanceof LedgerBusy ? EXIT.again : EXIT.configuration;
  } finally {
    await ledger?.close().catch(() => {});
  }
}

/** Campaigns with all that is to be known of them, for programs. */
async function standings(
  ledger: Ledger,
  campaigns: Awaited<ReturnType<Ledger['campaigns']>>,
): Promise<object[]> {
  const all = [];
  for (const campaign of campaigns) {
    const { id } = campaign;
    const troubled: object[] = [];
    for (let page: Delivery[] = [], after = 0; ; after = page.at(-1)!.id) {
      page = await ledger.deliveries(id, ['rejected', 'uncertain'], after);
      if (page.length === 0) break;
      for (const { address, state, tries, code, enhanced, reply, settledAt } of page)
        troubled.push({ address, state, tries, code, enhanced, reply, at: settledAt });
    }
    const [counts, nextDue] = [await ledger.counts(id), await ledger.nextDue(id)];
    all.push({ ...campaign, counts, nextDue, replies: groupReplies(await ledger.replies(id)), troubled });
  }
  return all;
}
