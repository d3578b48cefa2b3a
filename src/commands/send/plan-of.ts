import type { Target } from '../../audience/target.ts';
import type { Email } from '../../email/email.ts';
import { fill } from '../../email/stencil.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Newsletter } from '../../newsletter.ts';
import { howLong } from './how-long.ts';
import type { Readers } from './read-readers.ts';
import type { Plan } from './show-plan.ts';

const WAYS = {
  inbox: 'the inbox of this machine',
  server: 'your mail server',
  nothing: 'no server yet: SMTP_URL is not set',
} as const;

/** What a person is shown before anything is sent. */
export function planOf(
  newsletter: Newsletter,
  issue: Issue,
  email: Email,
  target: Target,
  readers: Readers,
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
    list: target.list,
    target: target.words,
    recipients,
    excluded,
    outside: readers.outside,
    broken: readers.findings.length,
    resumed,
    limits: [...said.filter(Boolean), `${limits.connections} connections`].join(', '),
    seconds: howLong(limits, recipients),
    through: WAYS[way],
  };
}
