import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Campaign } from '../../campaign/campaign.ts';
import { openPace, paceTime } from '../../campaign/pace.ts';
import type { Context } from '../../cli.ts';
import type { Email } from '../../email/email.ts';
import { packEmail, unpackEmail } from '../../email/pack-email.ts';
import { fill } from '../../email/stencil.ts';
import { type DeliverReport, deliver } from '../../engine/deliver.ts';
import type { Clock } from '../../engine/ports.ts';
import { EXIT } from '../../exit.ts';
import type { Issue } from '../../issue/issue.ts';
import { AlreadyPlanned, type Ledger, LedgerError } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { prepareMessages } from '../../message/prepare-messages.ts';
import { senderOf } from '../../message/sender-of.ts';
import type { Newsletter } from '../../newsletter.ts';
import { parseDuration } from '../../parse-duration.ts';
import type { SendOptions } from '../send.ts';
import { openProgress } from './open-progress.ts';
import { missingFields, readReaders } from './read-readers.ts';
import { type Plan, showPlan } from './show-plan.ts';

/** Plans, shows, asks, records and delivers an issue to a list; run again, it goes on where it stopped. */
export default async function deliverToList(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
): Promise<number> {
  const { app, terminal } = context;
  const wait = parseDuration(options.until);
  if (wait === null) {
    terminal.complain(`--until: "${options.until}" is no time.`, 'Write it like 30m or 2h.');
    return EXIT.usage;
  }
  const fault = configurationFault(context, options);
  if (fault && !options.dryRun) {
    terminal.complain(fault.message, fault.hint);
    return EXIT.configuration;
  }
  // A rehearsal has a ledger of its own, new each time: it is never recorded as a real campaign.
  const kept = app.state(options.inbox ? 'rehearsal.sqlite' : 'ledger.sqlite');
  // A plan alone leaves nothing behind, not even an empty ledger.
  const scratch = options.dryRun && !existsSync(kept) ? await mkdtemp(join(tmpdir(), 'broadsheet-')) : null;
  const path = scratch ? join(scratch, 'ledger.sqlite') : kept;
  if (options.inbox && !options.dryRun)
    await Promise.all(['', '-wal', '-shm'].map((end) => rm(path + end, { force: true })));
  let ledger: Ledger | null = null;
  try {
    const opened = await openLedger(path);
    ledger = opened;
    const begin = () => withLedger(context, issue, email, options, opened, Date.now() + wait);
    return await begin().catch((error: unknown) => {
      if (!(error instanceof AlreadyPlanned)) throw error;
      terminal.say(`${error.message} This one shares the work.`);
      return begin();
    });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return EXIT.configuration;
  } finally {
    await ledger?.close().catch(() => {});
    if (scratch) await rm(scratch, { recursive: true, force: true });
  }
}

async function withLedger(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
  ledger: Ledger,
  until: number,
): Promise<number> {
  const { app, terminal } = context;
  const { newsletter, smtpUrls, linkSecret, dkimKey } = app.config;
  const listName = options.list ?? issue.list ?? newsletter.list;
  await ledger.sweep(Date.now());
  const open = (await ledger.campaigns(issue.slug)).filter(
    ({ state }) => state === 'running' || state === 'paused',
  );

  const list = await app.project.list(listName);
  if ('findings' in list) {
    terminal.findings(list.findings);
    return EXIT.findings;
  }
  const [known, suppressed] = await Promise.all([
    ledger.readersOf(issue.slug),
    ledger.suppressions(listName),
  ]);
  const readers = await readReaders(
    list,
    (key) => suppressed.get(key) ?? null,
    (key) => known.has(key),
  );
  terminal.findings(readers.findings);
  const coverage = missingFields(email.fields, readers.mailed);
  terminal.findings(coverage);
  if (coverage.some(({ severity }) => severity === 'error') && !options.dryRun) return EXIT.findings;

  const unfinished = open.find(({ list }) => list === listName);
  // What is under way is finished first; who has joined since is a campaign of their own afterwards.
  const count = unfinished ? 0 : readers.mailed.length;
  const plan = planOf(
    newsletter,
    issue,
    email,
    listName,
    readers,
    count,
    known.size,
    options.inbox ? 'inbox' : smtpUrls.length > 0 ? 'server' : 'nothing',
  );
  showPlan(terminal, plan);
  if (options.json && options.dryRun) terminal.print(JSON.stringify(plan));
  if (options.dryRun) return EXIT.ok;
  if (!unfinished && count === 0) {
    if (known.size > 0) {
      terminal.say('Everybody on this list has had this issue.');
      const [last] = (await ledger.campaigns(issue.slug)).slice(-1);
      return last ? exitOf(await ledger.counts(last.id)) : EXIT.ok;
    }
    terminal.complain(
      `Nobody on the list "${listName}" can be mailed.`,
      'Put readers into its file in subscribers/.',
    );
    return EXIT.findings;
  }
  const confirmed = await confirm(context, issue.slug, options, unfinished !== undefined);
  if (confirmed !== EXIT.ok) return confirmed;

  const campaign: Campaign = unfinished ?? {
    id: randomBytes(8).toString('hex'),
    slug: issue.slug,
    list: listName,
    digest: email.digest,
    sender: senderOf(newsletter, email, listName, 'live'),
    state: 'running',
    reason: '',
    createdAt: Date.now(),
  };
  if (unfinished) {
    if (unfinished.digest !== email.digest)
      terminal.say(
        'The issue was edited after this campaign began: readers get the email that was recorded.',
      );
    await ledger.setState(campaign.id, 'running', '');
  } else
    await ledger.record(
      campaign,
      packEmail(email),
      readers.mailed.map(({ subscriber }) => subscriber),
    );
  return run(context, campaign, options, ledger, until, { linkSecret, dkimKey });
}

async function run(
  context: Context,
  campaign: Campaign,
  options: SendOptions,
  ledger: Ledger,
  until: number,
  secrets: { linkSecret: string | null; dkimKey: string | null },
): Promise<number> {
  const { app, terminal, signal } = context;
  const opened = await app.openTransport(options.inbox === true);
  const recorded = unpackEmail(await ledger.email(campaign.id));
  const stamp = prepareMessages(recorded, campaign, secrets);
  const counts = await ledger.counts(campaign.id);
  const progress = openProgress(counts, options.quiet === true);
  let report: DeliverReport;
  try {
    report = await deliver({
      ledger,
      campaignId: campaign.id,
      transport: opened.transport,
      stamp,
      pace: openPace(app.config.newsletter.limits, await ledger.begunSince(Date.now() - 86_400_000)),
      clock: systemClock,
      random: Math.random,
      until,
      signal,
      onSettled: (_delivery, outcome) => progress.settled(outcome.kind),
    });
  } finally {
    progress.close();
    await opened.close();
  }
  const words = Object.entries(report.counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count.toLocaleString('en')} ${state}`);
  terminal.say(`${terminal.paint('bold', report.end)}: ${words.join(', ')}`);
  if (report.reason) terminal.complain(report.reason);
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
  if (report.end === 'interrupted') return EXIT.interrupted;
  if (report.end === 'configuration') return EXIT.configuration;
  if (report.end === 'waiting' || report.end === 'paused') return EXIT.again;
  return exitOf(report.counts);
}

function exitOf(counts: { readonly rejected: number; readonly uncertain: number }): number {
  return counts.rejected + counts.uncertain > 0 ? EXIT.undelivered : EXIT.ok;
}

const WAYS = {
  inbox: 'the inbox of this machine',
  server: 'your mail server',
  nothing: 'no server yet: SMTP_URL is not set',
} as const;

function planOf(
  newsletter: Newsletter,
  issue: Issue,
  email: Email,
  list: string,
  readers: Awaited<ReturnType<typeof readReaders>>,
  recipients: number,
  resumed: number,
  way: keyof typeof WAYS,
): Plan {
  const excluded: Record<string, number> = {};
  for (const { reason } of readers.excluded) excluded[reason] = (excluded[reason] ?? 0) + 1;
  const sample = readers.mailed[0]?.subscriber.fields ?? {};
  const subject = fill(email.subject, (name) => sample[name.replace('subscriber.', '')], sample);
  const { limits } = newsletter;
  const said = [
    limits.perSecond && `${limits.perSecond}/s`,
    limits.perMinute && `${limits.perMinute}/min`,
    limits.perHour && `${limits.perHour}/h`,
    limits.perDay && `${limits.perDay}/day`,
  ];
  return {
    slug: issue.slug,
    subject,
    from: `${email.from.name} <${email.from.address}>`,
    list,
    recipients,
    excluded,
    broken: readers.findings.length,
    resumed,
    limits: [...said.filter(Boolean), `${limits.connections} connections`].join(', '),
    // 100 a second and connection is what a near server takes.
    seconds: Math.ceil(
      Math.max(paceTime(limits, Math.max(recipients, 1)), (recipients / limits.connections) * 10) / 1000,
    ),
    through: WAYS[way],
  };
}

function configurationFault(
  { app }: Context,
  { inbox }: SendOptions,
): { message: string; hint: string } | null {
  const { newsletter, smtpUrls, linkSecret } = app.config;
  if (!inbox && smtpUrls.length === 0)
    return {
      message: 'SMTP_URL is not set, so there is no server to send through.',
      hint: 'Put it into .env (see .env.example), or rehearse with --inbox.',
    };
  if (!newsletter.postalAddress)
    return {
      message: '"postalAddress" is not set in newsletter.config.ts: bulk mail must carry one.',
      hint: 'Add it, for example: postalAddress: "Name, Street 1, Town".',
    };
  if (newsletter.publicUrl && !linkSecret)
    return {
      message: 'LINK_SECRET is not set, so unsubscribe links cannot be signed.',
      hint: 'Make one with openssl rand -hex 32 and put it into .env.',
    };
  if (!newsletter.publicUrl && !newsletter.unsubscribeMailto)
    return {
      message: 'Readers could not unsubscribe: neither "publicUrl" nor "unsubscribeMailto" is set.',
      hint: 'Set one of them in newsletter.config.ts.',
    };
  return null;
}

async function confirm(
  { terminal, signal }: Context,
  slug: string,
  options: SendOptions,
  resuming: boolean,
): Promise<number> {
  if (options.confirm !== undefined) {
    if (options.confirm === slug) return EXIT.ok;
    terminal.complain(`--confirm ${options.confirm} does not name this issue.`, `It is called ${slug}.`);
    return EXIT.usage;
  }
  if (resuming) {
    terminal.say('Going on with the campaign that was begun.');
    return EXIT.ok;
  }
  if (!terminal.interactive) {
    terminal.complain('Nobody is here to confirm.', `Add --confirm ${slug}`);
    return EXIT.usage;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`Type ${slug} to send: `, { signal });
    if (answer.trim() === slug) return EXIT.ok;
    terminal.complain('Nothing was sent.');
    return EXIT.usage;
  } catch {
    return EXIT.interrupted;
  } finally {
    prompt.close();
  }
}

const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
  every(ms, work) {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
};
