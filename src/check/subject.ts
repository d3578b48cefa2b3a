import type { Finding } from '../finding.ts';
import { found } from './found.ts';
import { longest, type Material } from './material.ts';

/**
 * Rules about the subject and the preheader. `subject-length` is reported where the issue is read.
 * SUBJ_ALL_CAPS and the words are SpamAssassin's (rules/20_head_tests.cf, 72_active.cf), as far as a newsletter can hit them.
 */
export function checkSubject(material: Material): Finding[] {
  const { email } = material;
  const subject = longest(email.subject).trim();
  const bare = email.subject.filter((piece) => typeof piece === 'string' || piece.kind === 'choice');
  const at = material.atKey('subject', 'title');
  const findings: Finding[] = [];
  if (subject === '' || (longest(bare).trim() === '' && !hasFallback(email.subject)))
    findings.push(
      found(
        'subject-empty',
        at,
        'The subject is empty for some readers.',
        'Write some words, or a fallback: {{subscriber.name | "you"}}.',
      ),
    );
  else if (!/[\p{L}\p{N}]/u.test(subject))
    findings.push(
      found(
        'subject-emoji',
        at,
        'The subject holds no words.',
        'Screen readers and plain inboxes need some.',
      ),
    );
  if (isAllCapitals(subject))
    findings.push(
      found(
        'subject-capitals',
        at,
        'The subject is all in capitals.',
        'Write it in sentence case: spam filters score capitals (SUBJ_ALL_CAPS).',
      ),
    );
  // A reply that is none: 15 U.S.C. §7704(a)(2) forbids subjects that mislead.
  if (/^(?:re|fwd?|aw|wg|sv|tr|rv)\s?:/i.test(subject))
    findings.push(
      found('subject-reply', at, 'The subject pretends to be a reply or a forward.', 'Drop the prefix.'),
    );
  for (const [rule, pattern, what] of SPAM) {
    if (pattern.test(subject))
      findings.push(
        found(
          'subject-spam',
          at,
          `The subject ${what}, which SpamAssassin scores (${rule}).`,
          'Say it in other words.',
        ),
      );
  }
  return [...findings, ...checkPreheader(material, subject)];
}

function checkPreheader(material: Material, subject: string): Finding[] {
  const preheader = longest(material.email.preheader).trim();
  const at = material.atKey('preheader', 'description', 'summary', 'title');
  if (preheader === '')
    return [
      found(
        'preheader-missing',
        at,
        'There is no preheader.',
        'Set "preheader" or "description": inboxes show it beside the subject.',
      ),
    ];
  if (fold(preheader) === fold(subject))
    return [
      found(
        'preheader-repeats',
        at,
        'The preheader only repeats the subject.',
        'Say what the subject does not.',
      ),
    ];
  const length = [...new Intl.Segmenter().segment(preheader)].length;
  // An ideograph says about as much as two letters.
  const wide =
    preheader.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0;
  if (length + wide < 30)
    return [
      found(
        'preheader-short',
        at,
        `The preheader has ${length} characters; inboxes have room for 40 to 100.`,
        'Say a little more.',
      ),
    ];
  return [];
}

/** SpamAssassin's rule, a pattern no wider than its own, and what the subject does. */
const SPAM: readonly (readonly [string, RegExp, string])[] = [
  ['PLING_QUERY', /\?.*!|!.*\?/, 'has both an exclamation and a question mark'],
  ['SUBJ_DOLLARS', /^\$[0-9.,]+\b/, 'begins with an amount of dollars'],
  ['SUBJ_BUY', /^buy(?:ing)?\b/i, 'begins with "buy"'],
  ['SUB_FREE_OFFER', /^free\b/i, 'begins with "free"'],
  ['SUBJ_FREE_CAP', /\bFREE\b/, 'holds "FREE" in capitals'],
  ['SUBJ_GUARANTEED', /^guaranteed\b|\bGUARANTEE/, 'guarantees something'],
  ['SUBJ_AS_SEEN', /\bas seen\b/i, 'says "as seen"'],
  ['SUBJ_DOUBLE_YOUR', /\bdouble your\b/i, 'says "double your"'],
  ['SUBJ_FOR_ONLY', /\bfor only\b/i, 'says "for only"'],
  ['SUBJ_NOW_ONLY', /\bnow only\b/i, 'says "now only"'],
  ['SUBJ_YOUR_DEBT', /\byour (?:bills|debt|credit)\b/i, 'speaks of your bills, debt or credit'],
  ['SUBJ_YOUR_FAMILY', /\byour family\b/i, 'says "your family"'],
  ['LOSE_POUNDS', /\blose .*(?:pounds|lbs|weight)\b/i, 'speaks of losing weight'],
  ['SAVINGS', /\bsave\s+(?:on\s+your|up\s+to|big|over|at\s+least|\d+%)/i, 'speaks of savings'],
  ['SUBJECT_APPROVED', /\bapprov(?:ed|al)[.!*]/i, 'speaks of approval'],
  ['NIGERIAN_SUBJECT', /^(?:very )?(?:urgent|attention)\s*$/i, 'only calls for attention'],
];

/** As SpamAssassin's subject_is_all_caps: more than one word, ten letters or more, none small. */
function isAllCapitals(subject: string): boolean {
  const letters = subject.match(/\p{L}/gu) ?? [];
  const cased = letters.filter((letter) => letter.toLowerCase() !== letter.toUpperCase());
  if (!/\S\s+\S/.test(subject) || cased.length < 10 || cased.length < letters.length / 2) return false;
  return cased.every((letter) => letter === letter.toUpperCase());
}

function hasFallback(stencil: Material['email']['subject']): boolean {
  return stencil.some(
    (piece) => typeof piece !== 'string' && piece.kind === 'field' && piece.fallback?.trim(),
  );
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
