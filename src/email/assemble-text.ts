import type { Issue } from '../issue/issue.ts';
import { listBehind, type Newsletter } from '../newsletter.ts';
import { isolate } from '../words/isolate.ts';
import { wordsFor } from '../words/words.ts';
import { wrap } from './markdown/wrap.ts';

/** Puts the plain-text part together: masthead, body, and the footer that the HTML has too: without its links where it has none. */
export function assembleText(parts: {
  readonly issue: Issue;
  readonly title: string;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  readonly newsletter: Newsletter;
  /** Ends with a blank line of its own. */
  readonly body: string;
  /** The template links to where a reader leaves; a mail that asks to confirm does not. */
  readonly leads: boolean;
  token(name: string): string;
}): string {
  const { issue, newsletter, token } = parts;
  const words = wordsFor(parts.lang);
  const list = newsletter.lists[listBehind(newsletter, issue.list ?? newsletter.list)];
  const title = wrap(parts.title, 72);
  const why =
    list?.why ?? words.why.replace('{list}', () => isolate(list?.title ?? newsletter.name, parts.dir));
  const address = newsletter.postalAddress ?? '';
  const footer = parts.leads
    ? [
        wrap(why, 72),
        address,
        `${words.unsubscribe}: ${token('links.unsubscribe')}`,
        newsletter.publicUrl ? `${words.preferences}: ${token('links.preferences')}` : '',
        newsletter.publicUrl ? `${words.web}: ${token('links.web')}` : '',
      ].filter(Boolean)
    : [address];
  const rule = '='.repeat(Math.min(Math.max(...title.split('\n').map((line) => line.length)), 72));
  const head = [newsletter.name.toUpperCase(), issue.date?.slice(0, 10) ?? ''].filter(Boolean).join(' · ');
  const top = [head, `${title}\n${rule}`].filter(Boolean).join('\n\n');
  return `${top}\n\n${parts.body}-- \n${footer.join('\n')}\n`;
}
