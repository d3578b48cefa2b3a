import type { Target } from '../../audience/target.ts';
import type { Email } from '../../email/email.ts';
import { fill } from '../../email/stencil.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Newsletter } from '../../newsletter.ts';
import type { RelayOptions } from '../../transport/relays-of.ts';
import { limitsInWords } from './limits-in-words.ts';
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
  relays: readonly RelayOptions[],
  now: number,
  finish: number,
  archived: boolean,
): Plan {
  const sample = readers.mailed.first?.subscriber.fields ?? {};
  const subject = fill(email.subject, (name) => sample[name.replace('subscriber.', '')], sample);
  return {
    slug: issue.slug,
    subject,
    from: `${email.from.name} <${email.from.address}>`,
    list: target.list,
    target: target.words,
    recipients,
    excluded: Object.fromEntries(readers.excluded),
    outside: readers.outside,
    broken: readers.findings.length,
    resumed,
    limits: limitsInWords(relays, newsletter),
    seconds: Math.ceil((finish - now) / 1000),
    finish: new Date(finish).toISOString(),
    through: WAYS[way],
    archived,
  };
}
