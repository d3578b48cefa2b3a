import type { TextContext } from './render-text.ts';

/**
 * A link in plain text: `text [3]`, and the address under 3; where there is no list, `text <address>`. An address that
 * is its own text needs no number, and one that must not be in a mail is left out.
 */
export function cite(text: string, href: string, context: TextContext): string {
  if (href.startsWith('#')) return text;
  const address = context.resolve(href);
  if (address === '') return text;
  const bare = address.replace(/^mailto:/, '');
  // `www.example.com` is linked to by http://.
  if ([address, bare].map(trimSlash).includes(trimSlash(text)) || address === `http://${text}`) return text;
  if (context.links === null) return `${text} <${address}>`;
  const known = context.links.indexOf(address);
  const number = known >= 0 ? known + 1 : context.links.push(address);
  return `${text} [${number}]`;
}

function trimSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}
