import type { ReadIssue } from '../issue/issue.ts';
import { parseIssue } from '../issue/parse-issue.ts';
import type { Newsletter } from '../newsletter.ts';
import { pageWordsFor } from '../words/page-words.ts';

/** Days for which a link to confirm is good. */
export const DAYS = 7;

/**
 * The mail that asks to confirm, as an issue: it is compiled and sent like any other, with the template `confirm`. Its
 * merge fields are `lists` and `link`. Nothing that a visitor typed is in it, not even a name: others could else send
 * their own words to anybody through the form.
 */
export function confirmationIssue(newsletter: Newsletter, purpose: 'subscribe' | 'move'): ReadIssue {
  const { lang, words } = pageWordsFor(newsletter.lang);
  const said = (text: string) =>
    text.replace('{list}', '{{subscriber.lists}}').replace('{days}', String(DAYS));
  const [subject, text] =
    purpose === 'move' ? [words.moveSubject, words.moveText] : [words.mailSubject, words.mailText];
  const front = {
    title: words.confirm,
    subject: said(subject),
    preheader: said(text),
    slug: `confirm-${purpose}`,
    template: 'confirm',
    lang,
  };
  const body = [
    said(text),
    `[${words.mailButton}]({{subscriber.link}} "button")`,
    '[{{subscriber.link}}]({{subscriber.link}})',
    said(words.mailIgnore),
  ];
  // JSON is YAML.
  const source = `---\n${JSON.stringify(front)}\n---\n\n${body.join('\n\n')}\n`;
  return parseIssue(`templates/confirm.mjml`, Buffer.from(source));
}
