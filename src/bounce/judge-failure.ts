import type { Severity } from './incoming.ts';

/** Words for a mailbox that is not there, from the refusals of large providers and common servers. */
const GONE =
  /user unknown|unknown user|no such (?:user|mailbox|recipient|person|address)|no mailbox here|(?:user|mailbox|recipient|address|account|e-?mail)[^.]{0,60}(?:does not exist|doesn't exist|not found|is disabled|is inactive|has been disabled|unknown|no longer)|invalid (?:recipient|mailbox|address|user)|not a valid (?:recipient|mailbox|user)|doesn't have an? [^ ]{1,60} account|unrouteable address|unknown (?:recipient|local part|address)|recipient address rejected: access denied|host or domain name not found|domain (?:does not|doesn't) exist|null ?mx|mx or srv record indicated no smtp service|couldn't find any host|user doesn't exist/i;

/** Words for a dislike of the message or of its sender: says nothing about the reader. */
const DISLIKED =
  /spam|block(?:ed|list)|blacklist|black list|reputation|policy|dmarc|\bspf\b|\bdkim\b|unauthenticated|content rejected|virus|rate limit|too many|throttl|greylist|quota|mailbox (?:is )?full|over ?quota|storage|message (?:size|too large)|too big/i;

/** RFC 3463 §3 and its registry: bad mailbox, system, syntax or moved without a trace, null MX (RFC 7505), disabled, owner changed (RFC 7293). */
const DEAD = ['1.1', '1.2', '1.3', '1.6', '1.10', '2.1', '4.4', '7.17'];

/** Codes that name no cause of their own, so that the words must: `other` of each subject, and refused by the system. */
const VAGUE = ['0.0', '1.0', '2.0', '3.0', '4.0', '4.1', '5.0', ''];

/**
 * How bad a recipient's failure is, by the fields of RFC 3464 §2.3. Hard only where the address itself is at fault: a
 * full mailbox (5.2.2) or a refused message (5.7.1) is answered with 5yz as well, and a list that takes these for dead
 * loses living readers.
 */
export function judgeFailure(failure: { action: string; status: string; diagnostic: string }): Severity {
  // Sendmail explains it: `relayed (to non-DSN-aware mailer)`.
  const action = /^[a-z]*/.exec(failure.action.toLowerCase())![0];
  const { diagnostic } = failure;
  // OpenSMTPD says `delayed` also of what it has given up.
  if (action === 'delayed') return /\benvelope expired\b/i.test(diagnostic) ? 'soft' : 'none';
  if (['delivered', 'relayed', 'expanded'].includes(action)) return 'none';
  const [, klass, detail] = /^([245])\.(\d{1,3}\.\d{1,3})$/.exec(statusOf(failure)) ?? [];
  const reply = /(?:^|[\s;:])([245])\d\d(?=[\s-]|$)/.exec(diagnostic)?.[1];
  if ((klass ?? reply) === '4') return 'soft';
  if (detail && DEAD.includes(detail)) return 'hard';
  if (DISLIKED.test(diagnostic)) return 'soft';
  return VAGUE.includes(detail ?? '') && GONE.test(diagnostic) ? 'hard' : 'soft';
}

/** The status; where it is `5.0.0` or missing, the better one that the other server gave in its words. */
export function statusOf({ status, diagnostic }: { status: string; diagnostic: string }): string {
  const given = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(status)?.[0] ?? '';
  if (given !== '' && !given.endsWith('.0.0')) return given;
  // After the reply's code, so that an address such as 5.1.1.1 in the words is not taken for a status.
  return /\b[245]\d\d[ -]#?([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(diagnostic)?.[1] ?? given;
}
