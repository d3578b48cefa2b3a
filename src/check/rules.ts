import type { Severity } from '../finding.ts';

/** What `check --rules` and the README say about a rule. */
export interface Rule {
  readonly severity: Severity;
  /** One line: what it finds. */
  readonly about: string;
}

/** Rules of this room, by the name under which findings report them and authors silence them. */
export const RULES = {
  'subject-empty': { severity: 'error', about: 'A subject that is empty for readers without a field.' },
  'subject-emoji': { severity: 'warning', about: 'A subject of nothing but emoji and signs.' },
  'subject-capitals': { severity: 'warning', about: 'A subject all in capitals.' },
  'subject-reply': { severity: 'warning', about: 'A subject that pretends to be a reply.' },
  'subject-spam': { severity: 'warning', about: "Words in the subject that SpamAssassin's rules score." },
  'preheader-missing': {
    severity: 'advice',
    about: 'No preheader: inboxes show the first words of the body.',
  },
  'preheader-short': { severity: 'advice', about: 'A preheader so short that body text fills the line.' },
  'preheader-repeats': { severity: 'warning', about: 'A preheader that only says the subject again.' },
  'link-empty': { severity: 'warning', about: 'A link without words, or without an address.' },
  'link-generic': { severity: 'warning', about: 'A link whose text says nothing by itself, such as "here".' },
  'link-ambiguous': { severity: 'advice', about: 'The same words link to different addresses.' },
  'link-insecure': { severity: 'advice', about: 'An http: address.' },
  'link-private': { severity: 'error', about: 'An address that only you can reach, such as localhost.' },
  'link-shortener': { severity: 'warning', about: 'A redirecting short address, which filters distrust.' },
  'link-malformed': { severity: 'warning', about: 'An address that does not parse.' },
  'image-alt': { severity: 'warning', about: 'An image without alternative text.' },
  'image-alt-name': { severity: 'advice', about: 'Alternative text that is only a file name.' },
  'image-insecure': { severity: 'warning', about: 'An image over http:, which clients do not load.' },
  'image-private': { severity: 'error', about: 'An image at an address that only you can reach.' },
  'image-heavy': { severity: 'warning', about: 'An image of more than 300 KB.' },
  'images-heavy': { severity: 'warning', about: 'Images of more than 1 MB together.' },
  'text-ratio': { severity: 'advice', about: 'Little text beside large images.' },
  'heading-order': { severity: 'advice', about: 'A heading that skips a level.' },
  'heading-empty': { severity: 'warning', about: 'A heading without words.' },
  contrast: { severity: 'warning', about: 'A colour that is hard to read, in the light or the dark design.' },
  'html-large': { severity: 'warning', about: "HTML of 90 KB or more, near Gmail's limit." },
  'html-clipped': { severity: 'warning', about: 'HTML over the 102 KB at which Gmail cuts a mail.' },
  leftover: { severity: 'warning', about: 'Markup of another system that readers would see.' },
  placeholder: { severity: 'warning', about: 'Words that wait to be written: "lorem ipsum", "TODO:".' },
  'unsubscribe-link': { severity: 'error', about: 'A part of the mail without an unsubscribe link.' },
  'field-unknown': { severity: 'error', about: 'A merge field that no subscriber has.' },
  'field-missing': {
    severity: 'warning',
    about: 'A merge field without fallback that some subscribers lack.',
  },
  'postal-address': { severity: 'warning', about: 'No postal address, which the law asks of bulk mail.' },
  'public-url': { severity: 'advice', about: 'No publicUrl: readers can unsubscribe only by mail.' },
  'no-unsubscribe': { severity: 'error', about: 'Neither publicUrl nor unsubscribeMailto.' },
  'site-url': { severity: 'advice', about: 'No siteUrl: relative links lead nowhere.' },
  'client-support': { severity: 'advice', about: 'HTML or CSS that a large mail client does not support.' },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

/** The anchor of a rule in the documentation, with `#`. */
export function anchorOf(rule: string): string {
  return `#rule-${rule}`;
}
