import { Parser } from 'htmlparser2';
import { cite } from './cite.ts';
import { embedCards } from './embed-card.ts';
import { isKnownTag } from './known-tags.ts';
import type { TextContext } from './render-text.ts';

/** Elements whose text is code, not words. */
const SILENT = new Set(['script', 'style', 'noscript', 'title', 'textarea', 'option', 'annotation']);

/** Elements that stand on lines of their own. */
const BLOCKS = new Set(
  (
    'p div li tr h1 h2 h3 h4 h5 h6 table ul ol dl dt dd blockquote pre summary details section article header footer main ' +
    'nav aside address figure figcaption caption center hr'
  ).split(' '),
);

/**
 * The words of a piece of raw HTML on lines parted by U+2028; addresses of links and embeds are cited. What only looks
 * like a tag (`Vec<T>`) is text.
 */
export function htmlText(html: string, context: TextContext): string {
  const raw = embedCards(html);
  let text = '';
  let silent = 0;
  let preformatted = 0;
  const links: { readonly href: string; readonly at: number }[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'pre') preformatted += 1;
      if (SILENT.has(name)) silent += 1;
      else if (!isKnownTag(name)) text += raw.slice(parser.startIndex, parser.endIndex + 1);
      else if (name === 'a') links.push({ href: attributes.href ?? '', at: text.length });
      else if (name === 'br') text += '\u2028';
      else if (name === 'img') text += attributes.alt ? `[${attributes.alt}]` : ' ';
      else if (BLOCKS.has(name)) text += '\u2028';
    },
    onclosetag(name) {
      if (name === 'pre') preformatted -= 1;
      if (SILENT.has(name)) silent -= 1;
      else if (BLOCKS.has(name)) text += '\u2028';
      else if (name === 'a') {
        const link = links.pop();
        if (!link) return;
        const words = text.slice(link.at).replace(/\s+/g, ' ').trim();
        const cited = link.href ? cite(words, link.href, context) : words;
        text = text.slice(0, link.at) + cited;
      } else if (name === 'td' || name === 'th') text += ' ';
    },
    ontext(data) {
      if (silent === 0) text += preformatted > 0 ? data.replaceAll('\n', '\u2028') : data;
    },
  });
  parser.write(raw);
  parser.end();
  return text
    .replace(/[ \t\n]+/g, ' ')
    .replace(/ ?\u2028[ \u2028]*/g, '\u2028')
    .replace(/^\u2028|\u2028$/g, '');
}
