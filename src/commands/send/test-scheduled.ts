import { digestOfParts, partsOf } from '../../campaign/receipt.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { senderOf } from '../../message/sender-of.ts';
import { planSchedule } from '../../schedule/plan-schedule.ts';
import type { SendOptions } from '../send.ts';
import { configurationFault } from './configuration-fault.ts';
import { lateFinding } from './late-finding.ts';
import { mostUrgent } from './most-urgent.ts';
import { renderOnce } from './render-once.ts';
import { renderRecorded } from './render-recorded.ts';
import { report } from './report.ts';
import { testWithReceipt } from './send-test.ts';
import { withLedger } from './with-ledger.ts';

/**
 * `npm run send -- --test --scheduled`: a test to staff of each issue with a `sendAt` to come, of which no receipt says
 * that it was seen as it is now. Run after each merge, it tests what the merge changed, be it a word, the template or
 * the configuration, and nothing else.
 */
export default async function testScheduled(context: Context, options: SendOptions): Promise<number> {
  const { app, terminal } = context;
  const { newsletter } = app.config;
  const fault = configurationFault(context, options);
  if (fault) {
    terminal.complain(fault.message, fault.hint);
    return EXIT.configuration;
  }
  return withLedger(context, { ...options, dryRun: false }, async (ledger) => {
    const found = await app.project.issues();
    const issues = found.flatMap(({ issue }) => issue ?? []);
    const { begin, later, late } = planSchedule(issues, await ledger.campaigns(), Date.now());
    // In the past already when it was merged: told here, where its author looks.
    await report(context, late.map(lateFinding));
    const scheduled = [...begin, ...later].map(({ issue }) => issue);
    if (scheduled.length === 0) terminal.say('Nothing is scheduled, so there is nothing to test.');
    const codes: number[] = late.length > 0 ? [EXIT.findings] : [];
    for (const issue of scheduled) {
      const rendered = await renderOnce(app, found.find(({ path }) => path === issue.path)!, renderRecorded);
      const errors = rendered.findings.filter(({ severity }) => severity === 'error');
      await report(context, errors);
      const { email } = rendered;
      if (!email || errors.length > 0) {
        terminal.complain(`No test of ${issue.slug} was sent.`, 'Mend the errors above.');
        codes.push(EXIT.findings);
        continue;
      }
      const sender = senderOf(newsletter, email, issue.list ?? newsletter.list, 'live');
      const digest = digestOfParts(partsOf(email, sender));
      if ((await ledger.receipts(issue.slug)).some((receipt) => receipt.digest === digest))
        terminal.say(`${issue.slug} was seen as it is now: no test is needed.`);
      else codes.push(await testWithReceipt(context, issue, email, options, ledger));
    }
    return mostUrgent(codes);
  });
}
