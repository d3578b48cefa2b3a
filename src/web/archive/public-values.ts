import { decodeHTML } from 'entities';
import type { Email, Stencil } from '../../email/email.ts';
import { fill } from '../../email/stencil.ts';
import type { ListInfo } from '../../newsletter.ts';
import { isolate } from '../../words/isolate.ts';
import { wordsFor } from '../../words/words.ts';
import { GONE } from './web-page.ts';

/** A stencil for everybody: fallbacks stand for fields, choices fall as for a reader of whom nothing is known. */
export function forEverybody(stencil: Stencil): string {
  return fill(stencil, (name) => (name.startsWith('links.') ? GONE : undefined), {});
}

/** The HTML of an email without the line that says why its reader gets it: who reads it on the web did not subscribe. */
export function withoutWhy(
  html: string,
  { lang, dir }: Pick<Email, 'lang' | 'dir'>,
  listTitle: string,
  list: ListInfo | undefined,
): string {
  const why = [list?.why, wordsFor(lang).why.replace('{list}', () => isolate(listTitle, dir))];
  return html.replace(/<p\b[^<>]*>([^<]*)<\/p>/g, (paragraph, text: string) =>
    why.includes(decodeHTML(text)) ? '' : paragraph,
  );
}
