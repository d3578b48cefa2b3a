import type { Terminal } from '../../terminal.ts';
import { inWords } from './finish-of.ts';

/** What will be sent, before anything is: a value that is printed and then applied. */
export interface Plan {
  readonly slug: string;
  readonly subject: string;
  readonly from: string;
  readonly list: string;
  /** The list, or the part of it that is mailed: `weekly where plan == "pro"`. */
  readonly target: string;
  readonly recipients: number;
  readonly excluded: Readonly<Record<string, number>>;
  /** On the list, but not in that part. */
  readonly outside: number;
  /** Rows that cannot be read. */
  readonly broken: number;
  /** Of an earlier run: readers whose delivery is already recorded. */
  readonly resumed: number;
  readonly limits: string;
  /** Seconds, at least, and the instant of its end. */
  readonly seconds: number;
  readonly finish: string;
  readonly through: string;
  /** Whether the public archive may show it. */
  readonly archived: boolean;
}

/** Why somebody on the list is not mailed, as people say it. */
const REASONS: Readonly<Record<string, string>> = {
  duplicate: 'on the list twice',
  'already-mailed': 'have this issue already, or a delivery of it is under way',
  invalid: 'no address',
  unsubscribed: 'unsubscribed',
  bounced: 'bounced before',
  complained: 'complained about spam',
  manual: 'taken off by hand',
  left: 'left all lists',
};

/** Prints a plan for a person. */
export function showPlan(terminal: Terminal, plan: Plan): void {
  const row = (name: string, value: string) =>
    terminal.say(`${terminal.paint('dim', name.padEnd(11))} ${value}`);
  terminal.say('');
  row('issue', plan.slug);
  row('subject', terminal.paint('bold', plan.subject));
  row('from', plan.from);
  row('list', plan.target);
  row(
    'recipients',
    terminal.paint('bold', plan.recipients.toLocaleString('en')) +
      (plan.resumed ? `, ${plan.resumed.toLocaleString('en')} more are already recorded` : ''),
  );
  if (plan.outside) row('', `${plan.outside.toLocaleString('en')} not: the condition is not true for them`);
  for (const [reason, count] of Object.entries(plan.excluded))
    row('', `${count.toLocaleString('en')} not: ${REASONS[reason] ?? reason}`);
  if (plan.broken) row('', `${plan.broken.toLocaleString('en')} not: the row cannot be read, see above`);
  const [limits, ...more] = plan.limits.split('; ');
  row('through', `${plan.through}, ${limits}`);
  for (const line of more) row('', line);
  const finish = Date.parse(plan.finish);
  row('takes', inWords(finish - plan.seconds * 1000, finish));
  if (!plan.archived) row('archive', 'not shown there');
  terminal.say('');
}
