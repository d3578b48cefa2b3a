import { isLinkable } from './schemes.ts';

/** What a mail program cannot play: films, sound, pages in pages. */
const EMBED = /<(iframe|video|audio|embed)\b((?:[^<>"']|"[^"]*"|'[^']*')*)>/gi;

/**
 * Puts cards in the place of embeds: a film's own picture, the title and the host, all linked. What stands between an
 * embed's tags is for browsers that cannot play it, and goes. The HTML is contained (`containHtml`), not yet sanitised.
 */
export function embedCards(html: string): string {
  const lower = html.toLowerCase();
  // Looked for once: 100 KB of `<video>` would take a second otherwise.
  const last = new Map(
    ['iframe', 'video', 'audio', 'embed'].map((name) => [name, lower.lastIndexOf(`</${name}`)]),
  );
  let cards = '';
  let at = 0;
  for (const match of html.matchAll(EMBED)) {
    if (match.index < at) continue;
    const [tag, name, attributes] = match as unknown as [string, string, string];
    const start = match.index + tag.length;
    const element = name.toLowerCase();
    const end = last.get(element)! < start ? -1 : lower.indexOf(`</${element}`, start);
    const inside = end < 0 ? '' : html.slice(start, end);
    cards += html.slice(at, match.index) + card(attributes, inside);
    at = end < 0 ? start : html.indexOf('>', end) + 1 || html.length;
  }
  return cards + html.slice(at);
}

function card(attributes: string, inside: string): string {
  const src =
    attribute('src', attributes) ||
    (/<source\b[^>]*/i.exec(inside)?.map((tag) => attribute('src', tag))[0] ?? '');
  if (src === '' || !isLinkable(src)) return '';
  const address = pageOf(src);
  const title = attribute('title', attributes);
  const poster = attribute('poster', attributes);
  const picture = /^https:\/\//i.test(poster) ? `<img src="${poster}" alt="" width="480"><br>` : '';
  const host = title && URL.canParse(address) ? `<p class="caption">${new URL(address).host}</p>` : '';
  return `<table class="block" role="presentation" width="100%"><tr><td class="embed tint"><p><a href="${address}">${picture}${title || (URL.canParse(address) ? address : address.split('/').at(-1))}</a></p>${host}</td></tr></table>`;
}

/** As written, entities and all, but for quotes. */
function attribute(name: string, attributes: string): string {
  const found = new RegExp(`\\s${name}\\s{0,9}=\\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(
    attributes,
  );
  const value = (found?.[1] ?? found?.[2] ?? found?.[3] ?? '').trim();
  return value.replace(/["<>]/g, (sign) => ({ '"': '&quot;', '<': '&lt;', '>': '&gt;' })[sign]!);
}

/** The page of a film: players refuse to run outside of a page. */
function pageOf(src: string): string {
  const address = src.startsWith('//') ? `https:${src}` : src;
  return address
    .replace(
      /^https?:\/\/(?:www\.)?youtube(?:-nocookie)?\.com\/embed\/([\w-]{11})\b.*$/i,
      'https://www.youtube.com/watch?v=$1',
    )
    .replace(/^https?:\/\/player\.vimeo\.com\/video\/(\d+)\b.*$/i, 'https://vimeo.com/$1');
}
