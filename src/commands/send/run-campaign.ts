import { flushCompileCache } from 'node:module';
import type { Campaign } from '../../campaign/campaign.ts';
import type { Context } from '../../cli.ts';
import { unpackEmail } from '../../email/pack-email.ts';
import { type DeliverReport, deliver } from '../../engine/deliver.ts';
import { EXIT } from '../../exit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { prepareMessagesAside } from '../../message/prepare-messages.ts';
import { finishFor } from './finish-for.ts';
import { mendServer } from './mend-server.ts';
import { openDeliveryLog } from './open-delivery-log.ts';
import { openProgress } from './open-progress.ts';
import { systemClock } from './system-clock.ts';

export interface RunOptions {
  readonly inbox?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  /** A file to which each settled delivery adds a line. */
  readonly log?: string;
  /** Ends then, ms, whatever is left; and at once when a quota lets nothing more begin before. */
  readonly end?: number;
}

/** The longest that a timer can wait, 24 days. */
const LONGEST = 2 ** 31 - 1;

/** Delivers a recorded campaign and tells how it went; `until` (ms) bounds the wait for deferred readers. */
export async function runCampaign(
  { app, terminal, signal }: Context,
  campaign: Campaign,
  ledger: Ledger,
  until: number,
  options: RunOptions,
): Promise<DeliverReport> {
  const { linkSecret, dkimKey } = app.config;
  const log =
    options.log === undefined
      ? null
      : openDeliveryLog(options.log, campaign, (reason) =>
          progress.beside(() =>
            terminal.complain(`--log: ${reason}. Nothing more is written there; the sending goes on.`),
          ),
        );
  const opened = await app.openRelays(options.inbox === true);
  const recorded = unpackEmail(await ledger.email(campaign.id));
  const stamp = prepareMessagesAside(recorded, campaign, { linkSecret, dkimKey });
  // Written now and not at the end: who begins without a compile cache would keep what is to be written until then, 50 MB.
  flushCompileCache();
  const counts = await ledger.counts(campaign.id);
  const progress = openProgress(
    counts,
    options.quiet === true,
    finishFor(app.config, ledger, campaign, options),
  );
  const onAbort = () =>
    progress.beside(() =>
      terminal.say(
        '\nFinishing what is in flight. Ctrl-C again ends at once: what is in flight becomes uncertain.',
      ),
    );
  signal.addEventListener('abort', onAbort, { once: true });
  const end = options.end ?? Infinity;
  const over = new AbortController();
  const timer =
    end === Infinity
      ? undefined
      : setTimeout(() => over.abort(), Math.min(Math.max(end - Date.now(), 0), LONGEST));
  let report: DeliverReport;
  try {
    report = await deliver({
      ledger,
      campaignId: campaign.id,
      relays: opened.relays,
      domains: app.config.newsletter.limits.domains,
      stamp,
      clock: systemClock,
      random: Math.random,
      until,
      end,
      signal: AbortSignal.any([signal, over.signal]),
      onSettled(delivery, outcome, attempt) {
        const { id, address } = delivery;
        progress.settled(attempt.at, { id, address, kind: outcome.kind, took: attempt.took });
        log?.settled(delivery, outcome, attempt);
      },
      onRelay(name, trouble) {
        const said =
          trouble === null ? `${name} works again.` : `${name} fails, the others take its share: ${trouble}`;
        if (opened.relays.length > 1) progress.beside(() => terminal.insist(said));
      },
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    progress.close();
    log?.close();
    await opened.close();
  }
  // Stopped by the clock and not by a person: it waits for the next run.
  if (report.end === 'interrupted' && !signal.aborted) report = { ...report, end: 'waiting' };
  const words = Object.entries(report.counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count.toLocaleString('en')} ${state}`);
  // With trouble to look at, not even --quiet is silent.
  const tell = report.counts.rejected + report.counts.uncertain > 0 ? terminal.insist : terminal.say;
  tell(`${terminal.paint('bold', report.end)}: ${words.join(', ')}`);
  if (report.reason)
    terminal.complain(
      report.reason,
      report.end === 'configuration'
        ? `${mendServer(report.reason)} Nobody was rejected for it: then run this again.`
        : undefined,
    );
  if (report.end === 'interrupted' || report.end === 'paused')
    terminal.say(`Run it again to go on: npm run send -- ${campaign.slug} --list ${campaign.list}`);
  if (options.inbox)
    terminal.say(
      'It was a rehearsal into .broadsheet/inbox/: nothing was recorded. See it with: npm run preview',
    );
  if (report.counts.uncertain > 0)
    terminal.say(`Uncertain deliveries are named by: npm run status -- ${campaign.slug}`);
  if (report.end === 'waiting')
    terminal.say(
      `The next is due at ${new Date(report.nextDue ?? Date.now()).toISOString()}. Run this again then.`,
    );
  if (options.json) terminal.print(JSON.stringify({ campaign: campaign.id, ...report }));
  return report;
}

/** The exit code of a campaign that was run. */
export function exitOfReport(report: DeliverReport): number {
  if (report.end === 'interrupted') return EXIT.interrupted;
  if (report.end === 'configuration') return EXIT.configuration;
  if (report.end === 'waiting' || report.end === 'paused') return EXIT.again;
  return exitOfCounts(report.counts);
}

/** The exit code of a campaign that is over. */
export function exitOfCounts(counts: { readonly rejected: number; readonly uncertain: number }): number {
  return counts.rejected + counts.uncertain > 0 ? EXIT.undelivered : EXIT.ok;
}
