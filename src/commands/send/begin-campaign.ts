import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Subscriber } from '../../audience/audience.ts';
import { normaliseAddress } from '../../audience/normalise-address.ts';
import { isErased } from '../../audience/suppressed-file.ts';
import { narrow, targetOf } from '../../audience/target.ts';
import type { Campaign } from '../../campaign/campaign.ts';
import type { Context } from '../../cli.ts';
import type { Email } from '../../email/email.ts';
import { packEmail } from '../../email/pack-email.ts';
import { EXIT } from '../../exit.ts';
import type { Issue } from '../../issue/issue.ts';
import { AlreadyPlanned, type Ledger } from '../../ledger/ledger.ts';
import { senderOf } from '../../message/sender-of.ts';
import { isArchivedList } from '../../newsletter.ts';
import type { SendOptions } from '../send.ts';
import { isApproved } from './approval.ts';
import { confirm } from './confirm.ts';
import { eraseAgain } from './erase-again.ts';
import { finishOf, relaysFor } from './finish-of.ts';
import { isArchived } from './is-archived.ts';
import { openCount } from './open-count.ts';
import { planOf } from './plan-of.ts';
import { isSuppression, type Readers } from './read-readers.ts';
import { readersOf } from './readers-of.ts';
import { exitOfCounts } from './run-campaign.ts';
import { showPlan } from './show-plan.ts';

/**
 * Plans an issue to a list, shows the plan, has it confirmed and freezes it in the ledger. Gives the campaign, a new one
 * or the one that was under way; or an exit code, when there is nothing to deliver. Another process may record the same
 * readers meanwhile: then it is planned again, and this one shares the work.
 */
export async function beginCampaign(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
  ledger: Ledger,
): Promise<Campaign | number> {
  const begin = () => planAndRecord(context, issue, email, options, ledger);
  return begin().catch((error: unknown) => {
    if (!(error instanceof AlreadyPlanned)) throw error;
    context.terminal.say(`${error.message} This one shares the work.`);
    return begin();
  });
}

async function planAndRecord(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
  ledger: Ledger,
): Promise<Campaign | number> {
  const { app, terminal } = context;
  const { newsletter, smtpUrls } = app.config;
  const named = targetOf(newsletter, options.list ?? issue.list ?? newsletter.list);
  const target = options.where === undefined ? named : narrow(named, options.where);
  if ('fault' in target) {
    terminal.complain(
      `--where: ${target.fault}.`,
      `Write it like --where 'plan == "pro" and joined > 2026-01-01'`,
    );
    return EXIT.usage;
  }
  if (options.where !== undefined && issue.errataFor !== null) {
    terminal.complain(
      `${issue.slug} corrects ${issue.errataFor}: it goes to exactly those who got that one.`,
      'Leave --where out.',
    );
    return EXIT.usage;
  }
  const { list: listName } = target;
  await ledger.sweep(Date.now());
  // A list is recorded in pieces: who plans meanwhile would see half of it.
  while (await ledger.isRecording(issue.slug)) {
    await sleep(200);
    await ledger.sweep(Date.now());
  }
  const open = (await ledger.campaigns(issue.slug)).filter(
    ({ state }) => state === 'running' || state === 'paused',
  );

  const [known, suppressed] = await Promise.all([
    ledger.readersOf(issue.slug),
    ledger.suppressions(listName),
  ]);
  if (options.toNew && known.size === 0) {
    terminal.complain(
      `${issue.slug} was never sent, so nobody is new to it.`,
      `Send it to everybody: npm run send -- ${issue.slug}`,
    );
    return EXIT.usage;
  }
  const readers = await readersOf(context, issue, email, target, ledger, known);
  if (typeof readers === 'number') return readers;
  // Who is suppressed by the file alone is also to be found at the claim, which asks the ledger.
  if (!options.dryRun && issue.errataFor === null) {
    const at = new Date().toISOString();
    await ledger.suppressAll(
      readers.suppressed.flatMap(({ address, reason }) => {
        const normal = normaliseAddress(address);
        if (!('key' in normal) || !isSuppression(reason) || suppressed.has(normal.key)) return [];
        // The address of who deleted their data is not to come back by this way.
        if (isErased(suppressed, app.config.linkSecrets, normal.key)) return [];
        return [{ key: normal.key, list: listName, reason, at }];
      }),
    );
  }
  terminal.findings(readers.findings);
  const coverage = readers.missing;
  terminal.findings(coverage);
  if (coverage.some(({ severity }) => severity === 'error') && !options.dryRun) {
    terminal.complain('Nothing was sent.', 'Mend the errors above and run this again.');
    return EXIT.findings;
  }

  const unfinished = open.find(({ list }) => list === listName);
  // What is under way is finished first; who has joined since is a campaign of their own afterwards.
  const count = unfinished ? 0 : readers.mailed.length;
  const now = Date.now();
  const inbox = options.inbox === true;
  const archived = unfinished
    ? unfinished.sender.archived !== false
    : await isArchived(ledger, newsletter, issue, target);
  const plan = planOf(
    newsletter,
    issue,
    email,
    target,
    readers,
    count,
    known.size,
    inbox ? 'inbox' : smtpUrls.length > 0 ? 'server' : 'nothing',
    relaysFor(app.config, inbox),
    now,
    await finishOf(app.config, ledger, inbox, unfinished ? new Map() : readers.domains, now),
    archived && isArchivedList(newsletter, listName),
  );
  showPlan(terminal, plan);
  if (options.json && options.dryRun) terminal.print(JSON.stringify(plan));
  if (options.dryRun) {
    terminal.say('Nothing was sent: this was the plan only.');
    const wrong = coverage.some(({ severity }) => severity === 'error') || (count === 0 && known.size === 0);
    return wrong || issue.draft ? EXIT.findings : EXIT.ok;
  }
  if (!unfinished && count === 0) {
    if (known.size > 0) {
      return nobodyLeft(context, issue.slug, ledger);
    }
    terminal.complain(
      `Nobody on the list "${target.words}" can be mailed.`,
      readers.outside > 0
        ? `The condition is true for none of ${readers.outside.toLocaleString('en')} on the list.`
        : 'Put readers into its file in subscribers/.',
    );
    return EXIT.findings;
  }
  const sender = senderOf(newsletter, email, listName, 'live');
  if (!unfinished && !options.inbox && !(await isApproved(context, ledger, email, sender)))
    return EXIT.findings;
  const confirmed = await confirm(context, issue.slug, options, unfinished !== undefined);
  if (confirmed !== EXIT.ok) return confirmed;

  const campaign: Campaign = unfinished ?? {
    id: randomBytes(8).toString('hex'),
    slug: issue.slug,
    list: listName,
    digest: email.digest,
    // What the front matter says of it is in the email.
    sender: archived || issue.archive !== null ? sender : { ...sender, archived },
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
  } else {
    const recorded = openCount(terminal, 'readers are recorded', count);
    await ledger.record(campaign, packEmail(email), subscribersOf(readers, recorded));
    await eraseAgain(ledger, listName, suppressed, app.config.linkSecrets, subscribersOf(readers));
  }
  return campaign;
}

/** Says what became of everybody who was planned before, and gives the exit code that fits it. */
async function nobodyLeft({ terminal }: Context, slug: string, ledger: Ledger): Promise<number> {
  const sum = { rejected: 0, uncertain: 0 } as Record<string, number> & {
    rejected: number;
    uncertain: number;
  };
  for (const { id } of await ledger.campaigns(slug))
    for (const [state, count] of Object.entries(await ledger.counts(id)))
      sum[state] = (sum[state] ?? 0) + count;
  const others = Object.entries(sum).filter(([state, count]) => state !== 'accepted' && count > 0);
  if (others.length === 0) terminal.say('Everybody on this list has had this issue.');
  else {
    const words = others.map(([state, count]) => `${count.toLocaleString('en')} ${state}`);
    terminal.say(
      `Nobody is left to send it to: ${(sum.accepted ?? 0).toLocaleString('en')} accepted, ${words.join(', ')}. ` +
        `See who: npm run status -- ${slug}`,
    );
  }
  return exitOfCounts(sum);
}

/** Those who are mailed, as they were read. */
function* subscribersOf({ mailed }: Readers, count?: () => void): Generator<Subscriber> {
  for (const { subscriber } of mailed) {
    yield subscriber;
    count?.();
  }
}
