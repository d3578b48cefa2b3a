import type { Reply } from './mail.ts';

/**
 * What a refusal is about. `gone`: the address itself, for good. `policy`: the message or its sender. The rest passes:
 * the class says how soon it is worth another try.
 */
export type ReplyClass = 'gone' | 'greylisted' | 'mailbox-full' | 'rate-limited' | 'policy' | 'other';

/**
 * RFC 3463 §3 and its registry: bad mailbox, system, syntax or moved without a trace, null MX (RFC 7505), disabled, owner
 * changed (RFC 7293); and 4.310 of Exchange Online, a domain that DNS does not know.
 */
const DEAD = ['1.1', '1.2', '1.3', '1.6', '1.10', '2.1', '4.4', '4.310', '7.17'];

/**
 * Codes that name no cause of their own, so that the words must: `other` of each subject, refused by the system (also
 * 5.7.1, which some write for everything), and two of Exchange Online that hand on what another server said.
 */
const VAGUE = ['0.0', '1.0', '2.0', '3.0', '4.0', '4.1', '5.0', '7.0', '7.1', '0.350', '1.351', ''];

/** Words for a mailbox that is not there, from the refusals of large providers and common servers. */
const GONE = new RegExp(
  [
    /user unknown|unknown (?:user|recipient|local part|address)|unrouteable address/,
    /no such (?:user|mailbox|recipient|person|address|account|domain)|no mail ?-?box (?:here|found|available)/,
    /(?:user|mail-? ?box|recipient|rcpt|address|account|e-?mail|domain)[^.]{0,60}(?:does not exist|doesn't exist|not found|is disabled|is inactive|has been disabled|unknown|no longer)/,
    /invalid (?:recipient|mailbox|address|user)|not a (?:valid|known) (?:recipient|mailbox|user)|not an active (?:address|mailbox|user)|deactivated mailbox/,
    /doesn't have an? [^ ]{1,60} account|not listed in (?:the )?(?:domino )?directory|recipient address rejected: access denied/,
    /host or domain name not found|null ?mx|mx or srv record indicated no smtp service|couldn't find any host/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);

/** Gmail's 4.7.28 and 5.2.1, Yahoo's TSS04, Outlook's 4.7.650, the daily quotas of Google Workspace and SES. */
const RATE =
  /rate.?limit|throttl|too (?:fast|quickly)|at a rate|unusual rate|unexpected volume|too many (?:concurrent|connections|sessions|messages|mails|e-?mails|requests)|(?:daily|hourly|sending|message) (?:\w+ ){0,2}(?:quota|limit|rate)/i;

const GREY = /gr[ea]y-?list/i;

const FULL = /mailbox (?:is )?full|quota|(?<!system )storage/i;

/** Of the message or its sender; `sender address rejected: domain not found` is no word about the reader. */
const DISLIKED =
  /spam|unsolicited|block(?:ed|list)|blacklist|black list|reputation|policy|dmarc|\bspf\b|\bdkim\b|unauthenticated|content reject|virus|sender (?:address|verif|domain|denied|rejected|unknown)|call-?out|relay(?:ing)? (?:access )?denied|not permitted to relay/i;

/** Not about the reader, nor about us. */
const NEITHER = /message (?:size|too large)|too big|too many/i;

/** An address may hold a dot, or a word that means something else. */
const ADDRESS = /[^\s<>[\]"']{1,64}@[^\s<>[\]"']{1,255}/g;

/**
 * Judges a 4yz or 5yz reply, in the dialogue or in a bounce: the one place where the codes of RFC 3463 and the words of
 * servers get a meaning. `gone` only where the address itself is at fault: a full mailbox (5.2.2) or a refused message
 * (5.7.1) is answered with 5yz as well, and a list that takes these for dead loses living readers.
 */
export function judgeReply({ code, enhanced, text }: Reply): ReplyClass {
  const [, klass, detail = ''] = /^([245])\.(\d{1,3}\.\d{1,3})$/.exec(enhanced ?? '') ?? [];
  // RFC 3463 §2: the enhanced code must agree; where it does not, the reply's own code is what SMTP acts by.
  const permanent = code > 0 ? code >= 500 : klass === '5';
  const words = text.replace(ADDRESS, 'address');
  const [gone, hurried, full] = [GONE, RATE, FULL].map((pattern) => pattern.test(words));
  const passes = hurried || full || NEITHER.test(words);
  const disliked = DISLIKED.test(words);
  // Gmail says 5.2.1, disabled, also of a mailbox that gets too much at once; others 5.1.1 of a message too large.
  if (permanent && DEAD.includes(detail) && (gone || !(passes || disliked))) return 'gone';
  if (GREY.test(words)) return 'greylisted';
  if (hurried) return 'rate-limited';
  if (detail === '2.2' || full) return 'mailbox-full';
  if (permanent && VAGUE.includes(detail) && gone && !passes && !disliked) return 'gone';
  // 1.7 and 1.8 are the sender's address.
  return /^(?:7\.|1\.[78]$)/.test(detail) || disliked ? 'policy' : 'other';
}
