import { closeSync, openSync } from 'node:fs';
import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import type { Finding } from '../finding.ts';
import { showFindings } from '../show-findings.ts';
import { approveByHand } from './send/approval.ts';
import deliverToList from './send/deliver-to-list.ts';
import { goOn } from './send/go-on.ts';
import { keepHeapSmall } from './send/keep-heap-small.ts';
import { renderApart } from './send/render-apart.ts';
import { renderOnce } from './send/render-once.ts';
import { renderRecorded } from './send/render-recorded.ts';
import sendDue from './send/send-due.ts';
import sendTest from './send/send-test.ts';
import testScheduled from './send/test-scheduled.ts';

export interface SendOptions {
  readonly issue?: string;
  readonly test?: boolean;
  readonly due?: boolean;
  readonly scheduled?: boolean;
  readonly to?: readonly string[];
  readonly as?: string;
  readonly list?: string;
  readonly where?: string;
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly until: string;
  readonly inbox?: boolean;
  readonly newLedger?: boolean;
  readonly approve?: boolean;
  readonly toNew?: boolean;
  readonly log?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `npm run send`: a test to staff, the delivery of an issue to a list, or of all that are due. */
export default async function send(context: Context, options: SendOptions): Promise<number> {
  const { app, terminal } = context;
  // A log that cannot be written is told before anything is recorded: this throws what the system says.
  if (options.log !== undefined && !options.test && !options.dryRun)
    closeSync(openSync(options.log, 'a', 0o600));
  if (options.due) {
    const other = (
      ['issue', 'test', 'to', 'as', 'list', 'where', 'confirm', 'inbox', 'approve', 'toNew'] as const
    ).find((name) => options[name] !== undefined);
    if (other === undefined) return sendDue(context, options);
    terminal.complain(
      `--due takes no ${other === 'issue' ? 'issue' : `--${other === 'toNew' ? 'to-new' : other}`}: each issue says itself when and to whom it goes.`,
      'Set "sendAt" and "list" in its front matter.',
    );
    return EXIT.usage;
  }
  if (options.scheduled) {
    if (options.test && options.issue === undefined && !options.inbox) return testScheduled(context, options);
    terminal.complain(
      '--scheduled belongs to --test, without an issue.',
      'npm run send -- --test --scheduled',
    );
    return EXIT.usage;
  }
  if (!options.test && (options.to || options.as)) {
    terminal.complain(
      '--to and --as belong to --test.',
      'A delivery goes to a list: npm run send -- ISSUE --list NAME',
    );
    return EXIT.usage;
  }
  if (options.test && options.where !== undefined) {
    terminal.complain('--where belongs to a delivery.', 'A test goes to staff, or to the addresses of --to.');
    return EXIT.usage;
  }
  if (options.test && options.log !== undefined) {
    terminal.complain(
      '--log belongs to a delivery.',
      'A test tells what became of each message: add --json.',
    );
    return EXIT.usage;
  }
  if (!options.test && options.issue === undefined) {
    terminal.complain(
      'Which issue is to be sent?',
      'npm run send -- ISSUE --list NAME, or a test: npm run send -- --test',
    );
    return EXIT.usage;
  }
  const found = options.issue === undefined ? await app.newest() : await app.project.findIssue(options.issue);
  if (found === null) {
    terminal.complain('There is no issue yet.', 'Write one in issues/.');
    return EXIT.findings;
  }
  keepHeapSmall();
  if (!options.test && !options.approve && !options.toNew && !options.inbox) {
    const code = await goOn(context, found, options);
    if (code !== null) return code;
  }
  const rendered = await renderOnce(
    app,
    found,
    options.test || options.approve ? renderRecorded : renderApart,
  );
  const [pressing, advice] = [true, false].map((is) =>
    rendered.findings.filter(({ severity }) => (severity !== 'advice') === is),
  ) as [Finding[], Finding[]];
  // Fourteen links that say "here" are one thing to know before a send; `check` names each.
  const first = pressing.filter(
    ({ rule, severity }, index) =>
      severity === 'error' || pressing.findIndex((other) => other.rule === rule) === index,
  );
  await showFindings(context, first);
  if (pressing.length > first.length)
    terminal.say(
      `${pressing.length - first.length} more warnings like these: npm run check -- ${options.issue ?? rendered.issue?.slug ?? ''}`,
    );
  if (!rendered.email || !rendered.issue || pressing.some(({ severity }) => severity === 'error')) {
    terminal.complain('Nothing was sent.', 'Mend the errors above and run this again.');
    return EXIT.findings;
  }
  if (advice.length > 0)
    terminal.say(
      `${advice.length === 1 ? 'One piece' : `${advice.length} pieces`} of advice on this issue: npm run check -- ${options.issue ?? rendered.issue.slug}`,
    );
  if (options.approve) return approveByHand(context, rendered.issue, rendered.email, options);
  return (options.test ? sendTest : deliverToList)(context, rendered.issue, rendered.email, options);
}
