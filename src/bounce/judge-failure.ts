import { judgeReply } from '../judge-reply.ts';
import type { Severity } from './incoming.ts';

/** How bad a recipient's failure is, by the fields of RFC 3464 §2.3, judged as a reply in the dialogue would be. */
export function judgeFailure(failure: { action: string; status: string; diagnostic: string }): Severity {
  // Sendmail explains it: `relayed (to non-DSN-aware mailer)`.
  const action = /^[a-z]*/.exec(failure.action.toLowerCase())![0];
  const { diagnostic } = failure;
  // OpenSMTPD says `delayed` also of what it has given up.
  if (action === 'delayed') return /\benvelope expired\b/i.test(diagnostic) ? 'soft' : 'none';
  if (['delivered', 'relayed', 'expanded'].includes(action)) return 'none';
  const enhanced = statusOf(failure) || null;
  const reply = /(?:^|[\s;:])([245])\d\d(?=[\s-]|$)/.exec(diagnostic)?.[1];
  const code = (enhanced?.[0] ?? reply) === '4' ? 450 : 550;
  return judgeReply({ code, enhanced, text: diagnostic }) === 'gone' ? 'hard' : 'soft';
}

/** The status; where it is `5.0.0` or missing, the better one that the other server gave in its words. */
export function statusOf({ status, diagnostic }: { status: string; diagnostic: string }): string {
  const given = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(status)?.[0] ?? '';
  if (given !== '' && !given.endsWith('.0.0')) return given;
  // After the reply's code, so that an address such as 5.1.1.1 in the words is not taken for a status.
  return /\b[245]\d\d[ -]#?([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(diagnostic)?.[1] ?? given;
}
