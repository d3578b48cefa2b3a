import type { Newsletter } from '../newsletter.ts';
import type { CheckName, Diagnosis, Verdict } from './diagnosis.ts';
import { shown } from './diagnosis.ts';

const say = (check: CheckName, verdict: Verdict, says: string, mend: string, source: string): Diagnosis => ({
  check,
  verdict,
  says,
  mend,
  source,
});

/** What the configuration must hold before anything is sent. */
export function checkConfig(
  newsletter: Newsletter,
  has: {
    readonly smtp: boolean;
    readonly linkSecret: boolean;
    readonly bounceMailbox: boolean;
    readonly webhooks: boolean;
  },
): Diagnosis[] {
  const missing: [boolean, string, string, string][] = [
    [
      !has.smtp,
      'SMTP_URL is not set: there is no server to send through.',
      'Put it into .env (see .env.example).',
      '',
    ],
    [
      newsletter.postalAddress === null,
      'There is no postalAddress.',
      'Set postalAddress in newsletter.config.ts.',
      '15 U.S.C. §7704(a)(5)',
    ],
    [
      newsletter.publicUrl === null && newsletter.unsubscribeMailto === null,
      'Readers could not unsubscribe.',
      'Set publicUrl, or unsubscribeMailto, in newsletter.config.ts.',
      'RFC 2369 §3.2',
    ],
  ];
  const faults = missing
    .filter(([is]) => is)
    .map(([, says, mend, source]) => say('config', 'fail', says, mend, source));
  const secret = has.linkSecret
    ? say('secrets', 'pass', 'LINK_SECRET is set.', '', '')
    : say(
        'secrets',
        newsletter.publicUrl === null ? 'advice' : 'fail',
        'LINK_SECRET is not set: links cannot be signed, and bounces could be forged by any reader.',
        'Make one: npm run keys -- new',
        '',
      );
  const bounces = has.webhooks
    ? say('bounces', 'pass', 'A provider tells the public server what comes back.', '', 'RFC 3464')
    : newsletter.bounceAddress === null
      ? say(
          'bounces',
          'advice',
          'There is no bounceAddress: bounces go to the From address and name no delivery.',
          'Set bounceAddress to a mailbox that takes bounce+ANYTHING@.',
          'RFC 3464',
        )
      : has.bounceMailbox
        ? say('bounces', 'pass', 'Bounces come back to a mailbox that npm run bounces reads.', '', 'RFC 3464')
        : say(
            'bounces',
            'advice',
            'BOUNCE_MAILBOX is not set: nobody reads the bounces.',
            'Set it, and run npm run bounces every hour.',
            'RFC 3464',
          );
  return [
    ...(faults.length > 0 ? faults : [say('config', 'pass', 'The configuration is complete.', '', '')]),
    secret,
    bounces,
  ];
}

/** What came of a POST to an unsubscribe link that changes nothing. */
export type Posted = { readonly status: number; readonly date: string | null } | { readonly fault: string };

/** One-click (RFC 8058 §3.1): an https address that answers POST with 2yz, without a redirect. */
export function checkUnsubscribe(publicUrl: string | null, posted: Posted | null): Diagnosis {
  const source = 'RFC 8058';
  if (publicUrl === null)
    return say(
      'unsubscribe',
      'advice',
      'There is no publicUrl: readers unsubscribe by mail, and no one-click is offered.',
      'Gmail and Yahoo ask for it from 5,000 messages a day: run npm run serve behind https, and set publicUrl.',
      source,
    );
  if (!publicUrl.startsWith('https://'))
    return say(
      'unsubscribe',
      'fail',
      `publicUrl is not https: ${publicUrl}`,
      'RFC 8058 §3.1 wants https.',
      source,
    );
  if (posted === null)
    return say('unsubscribe', 'unknown', 'Without LINK_SECRET no link could be tried.', 'Set it.', source);
  if ('fault' in posted)
    return say(
      'unsubscribe',
      'fail',
      `${publicUrl} does not answer: ${shown(posted.fault)}.`,
      'Start the server there; check DNS and certificate.',
      source,
    );
  if (posted.status >= 300 && posted.status < 400)
    return say(
      'unsubscribe',
      'fail',
      `${publicUrl} redirects a POST (${posted.status}).`,
      'Answer 200 at once: §3.1 forbids redirects.',
      source,
    );
  if (posted.status < 200 || posted.status > 299)
    return say(
      'unsubscribe',
      'fail',
      `${publicUrl} answers a POST with ${posted.status}.`,
      'Let the proxy pass POST /u/… on to the server.',
      source,
    );
  return say('unsubscribe', 'pass', `${publicUrl} takes one-click requests.`, '', source);
}

/** Ours against the clock of a web server: a Date that is hours off is a mark of spam, and links would expire wrongly. */
export function checkClock(date: string | null, now: number): Diagnosis {
  const other = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(other))
    return say('clock', 'unknown', 'There was no other clock to compare with.', 'Compare with: date -u', '');
  const seconds = Math.round(Math.abs(now - other) / 1000);
  if (seconds > 300)
    return say(
      'clock',
      'fail',
      `This machine's clock is ${seconds} seconds off.`,
      'Set it, for example with NTP.',
      'RFC 5322 §3.6.1',
    );
  return say('clock', 'pass', `The clock is right within ${Math.max(seconds, 1)} s.`, '', 'RFC 5322 §3.6.1');
}

/** Complaints among the readers whose mail was accepted; from 1,000 on a share means something. */
export function checkComplaints(complaints: number, accepted: number): Diagnosis {
  const source = 'Gmail and Yahoo: below 0.3 %, better 0.1 %';
  if (accepted < 1000)
    return say(
      'complaints',
      'unknown',
      `${complaints} complaints; too few messages for a share.`,
      'Look into Postmaster Tools.',
      source,
    );
  const share = complaints / accepted;
  const words = `${complaints} complaints among ${accepted.toLocaleString('en')} messages (${(share * 100).toFixed(2)} %).`;
  if (share >= 0.003)
    return say('complaints', 'fail', words, 'Write only to those who asked for it, and less often.', source);
  if (share >= 0.001) return say('complaints', 'advice', words, 'Make it easier to leave.', source);
  return say('complaints', 'pass', words, '', source);
}
