import { setTimeout as sleep } from 'node:timers/promises';
import { type Campaign, PAUSED_BY_HAND } from '../../campaign/campaign.ts';
import type { Context } from '../../cli.ts';
import type { DeliverReport } from '../../engine/deliver.ts';
import { EXIT } from '../../exit.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { parseDuration } from '../../parse-duration.ts';
import type { FoundIssue } from '../../project.ts';
import { type Due, planSchedule, type Schedule } from '../../schedule/plan-schedule.ts';
import type { SendOptions } from '../send.ts';
import { beginCampaign } from './begin-campaign.ts';
import { configurationFault } from './configuration-fault.ts';
import { keepHeapSmall } from './keep-heap-small.ts';
import { lateFinding } from './late-finding.ts';
import { mostUrgent } from './most-urgent.ts';
import { renderApart } from './render-apart.ts';
import { renderOnce } from './render-once.ts';
import { report } from './report.ts';
import { exitOfReport, runCampaign } from './run-campaign.ts';
import { instant, showSchedule } from './show-schedule.ts';
import { summarise } from './summarise.ts';
import { withLedger } from './with-ledger.ts';

/** A ledger that holds instants so far ahead was written by a clock that is right, or this one is wrong. */
const SKEW = 5 * 60_000;

/**
 * `npm run send -- --due`: begins what `sendAt` says is due, goes on with what is under way, and asks nobody. `--until`
 * is the end of the whole run, for the limit of a CI job: what is not done then is exit 75, and the next run's.
 */
export default async function sendDue(context: Context, options: SendOptions): Promise<number> {
  const { terminal } = context;
  const time = parseDuration(options.until);
  if (time === null) {
    terminal.complain(`--until: "${options.until}" is no time.`, 'Write it like 30m or 2h.');
    return EXIT.usage;
  }
  const fault = configurationFault(context, options);
  if (fault && !options.dryRun) {
    terminal.complain(fault.message, fault.hint);
    return EXIT.configuration;
  }
  keepHeapSmall();
  return withLedger(context, options, (ledger) => work(context, options, ledger, Date.now() + time));
}

async function work(context: Context, options: SendOptions, ledger: Ledger, until: number): Promise<number> {
  const { app, terminal } = context;
  const now = Date.now();
  await ledger.sweep(now);
  const [found, campaigns] = [await app.project.issues(), await ledger.campaigns()];
  const ahead = Math.max(
    ...campaigns.map(({ createdAt }) => createdAt),
    ...(await ledger.begunSince(now + SKEW)).slice(-1),
  );
  if (ahead > now + SKEW) {
    terminal.complain(
      `The clock of this machine says ${instant(now)}, but mail was sent at ${instant(ahead)}.`,
      'Set the clock, then run this again.',
    );
    return EXIT.again;
  }
  const schedule = planSchedule(
    found.flatMap(({ issue }) => issue ?? []),
    campaigns,
    now,
  );
  const findings = [
    ...found.flatMap((one) => (one.issue ? [] : one.findings)),
    ...schedule.late.map(lateFinding),
  ];
  await report(context, findings);
  showSchedule(terminal, schedule, now);
  if (options.dryRun) {
    if (options.json) terminal.print(JSON.stringify(asData(schedule, [])));
    return findings.length > 0 ? EXIT.findings : EXIT.ok;
  }
  const exits: number[] =
    findings.length > 0 || schedule.held.some(({ why }) => why === 'gone') ? [EXIT.findings] : [];
  const open: Campaign[] = [...schedule.goOn];
  for (const { issue } of schedule.begin) {
    const file = found.find(({ path }) => path === issue.path)!;
    const begun = await begin(context, file, issue, options, ledger);
    if (typeof begun === 'number') exits.push(begun);
    else open.push(begun);
  }
  const reports = await deliverAll(context, open, options, ledger, until);
  const ends = open.map((campaign) => ({ campaign, report: reports.get(campaign.id) ?? null }));
  if (options.json) terminal.print(JSON.stringify(asData(schedule, ends)));
  else if (ends.length > 0) terminal.print(summarise(ends));
  return mostUrgent([...exits, ...ends.map(({ report }) => exitOf(context, report))]);
}

/** Compiles, checks, plans and records a due issue; gives the campaign, or the exit code of what is wrong with it. */
async function begin(
  context: Context,
  file: FoundIssue,
  issue: Issue,
  options: SendOptions,
  ledger: Ledger,
): Promise<Campaign | number> {
  const { app, terminal } = context;
  const { email, findings } = await renderOnce(app, file, renderApart);
  await report(
    context,
    findings.filter(({ severity }) => severity !== 'advice'),
  );
  if (!email || findings.some(({ severity }) => severity === 'error')) {
    terminal.complain(`Nothing of ${issue.slug} was sent.`, 'Mend the errors above; the next run sends it.');
    return EXIT.findings;
  }
  // The commit that merged the issue is the confirmation.
  return beginCampaign(context, issue, email, { ...options, json: false, confirm: issue.slug }, ledger);
}

/**
 * Delivers campaigns one after the other, the earliest first: a quota is used up for one before the next has a share.
 * None waits for the deferred readers of another: what is due later is looked at again when all have had their turn.
 */
async function deliverAll(
  context: Context,
  campaigns: readonly Campaign[],
  options: SendOptions,
  ledger: Ledger,
  until: number,
): Promise<Map<string, DeliverReport>> {
  const reports = new Map<string, DeliverReport>();
  const { signal } = context;
  const over = () => signal.aborted || Date.now() >= until;
  let open = campaigns;
  while (open.length > 0 && !over()) {
    for (const campaign of open) {
      if (over()) break;
      context.terminal.say(`\n${campaign.slug} to ${campaign.list}:`);
      await ledger.setState(campaign.id, 'running', '');
      const patience = open.length === 1 ? until : 0;
      const ran = await runCampaign(context, campaign, ledger, patience, {
        quiet: options.quiet,
        log: options.log,
        end: until,
      });
      reports.set(campaign.id, ran);
      // The server that fails one would fail them all.
      if (ran.end === 'configuration' || (ran.end === 'paused' && ran.reason !== PAUSED_BY_HAND))
        return reports;
    }
    open = open.filter(({ id }) => reports.get(id)?.end === 'waiting');
    const next = Math.min(...open.map(({ id }) => reports.get(id)!.nextDue ?? Date.now() + 1000));
    if (next > until) break;
    await sleep(Math.max(next - Date.now(), 0), undefined, { signal }).catch(() => {});
  }
  return reports;
}

/** Without a report its turn had not come when the time was over. */
function exitOf({ signal }: Context, report: DeliverReport | null): number {
  if (signal.aborted) return EXIT.interrupted;
  return report === null ? EXIT.again : exitOfReport(report);
}

function asData(
  { begin, goOn, later, late, held }: Schedule,
  ends: readonly { campaign: Campaign; report: DeliverReport | null }[],
) {
  const dues = (all: readonly Due[]) =>
    all.map(({ issue, at }) => ({ slug: issue.slug, at: new Date(at).toISOString() }));
  return {
    begin: dues(begin),
    goOn: goOn.map(({ slug, list }) => ({ slug, list })),
    later: dues(later),
    late: dues(late),
    held: held.map(({ campaign: { slug, list }, why }) => ({ slug, list, why })),
    campaigns: ends.map(({ campaign: { id, slug, list }, report }) => ({ id, slug, list, ...report })),
  };
}
