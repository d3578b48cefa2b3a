import { containHtml } from './contain-html.ts';
import { embedCards } from './embed-card.ts';
import { isKnownTag } from './known-tags.ts';

const INLINE =
  /^(?:a|abbr|b|br|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|small|span|strike|strong|sub|sup|time|tt|u|var|wbr)$/i;

/** Author's HTML as it is, but embeds as cards, and what only looks like a tag (`Vec<T>`, `<user@host>`) as text. */
export function rawHtml(raw: string): string {
  return embedCards(containHtml(raw)).replace(
    /<(\/?)([a-z][^\s/>]*)/gi,
    (whole, slash: string, name: string) => (isKnownTag(name) ? whole : `&lt;${slash}${name}`),
  );
}

/** Author's HTML on lines of its own; what is only words or a picture is a paragraph, for nothing else parts it from the next. */
export function rawBlock(raw: string): string {
  const html = rawHtml(raw);
  return isLine(html.replace(/<!--[\s\S]*?-->/g, '')) ? `<p>${html.trim()}</p>` : html;
}

/** Is it whole by itself, of elements that stand in lines, and shows something? */
function isLine(html: string): boolean {
  const tags = [...html.matchAll(/<(\/?)([a-z][a-z\d]*)/gi)];
  if (!tags.every(([, , name]) => INLINE.test(name!))) return false;
  const voids = tags.filter(([, , name]) => /^(?:br|img|wbr)$/i.test(name!)).length;
  const ends = tags.filter(([, slash]) => slash !== '').length;
  return (
    tags.length - voids === ends * 2 &&
    /<img\b|[^\s<>][^<>]*(?:<|$)/i.test(html.replace(/<(?!img\b)[^<>]*>/gi, ''))
  );
}
