import type { Token } from 'marked';

/** Elements whose content is text up to their own end tag: unclosed, they would swallow the rest of the section. */
const RAW_TEXT = /<(script|style|title|textarea|iframe|xmp|noembed|noframes|noscript|plaintext)\b/g;

/**
 * Makes a piece of raw HTML unable to swallow what follows it: a tag that never ends (an odd quote in it is enough)
 * becomes text, a comment that never ends loses its opening, and an element that holds raw text is closed. The rest is as
 * it was. `onFault` hears of each tag and comment that never ends, by its offset and name (`!--` for a comment).
 */
export function containHtml(raw: string, onFault?: (offset: number, name: string) => void): string {
  let html = '';
  let at = 0;
  // Looked for once: 100 KB of `<!--` would take seconds otherwise.
  const lastComment = raw.lastIndexOf('-->');
  while (at < raw.length) {
    const next = raw.indexOf('<', at);
    if (next < 0) break;
    html += raw.slice(at, next);
    const end = endOfMarkup(raw, next, lastComment);
    const comment = raw.startsWith('<!--', next);
    if (end < 0) onFault?.(next, /^(?:!--|[!?]?[a-z\d[-]*)/i.exec(raw.slice(next + 1, next + 30))![0]);
    if (end >= 0) html += raw.slice(next, end);
    else if (!comment) html += '&lt;';
    at = end >= 0 ? end : next + (comment ? 4 : 1);
  }
  html += raw.slice(at);
  const lower = html.toLowerCase();
  const opened = new Map([...lower.matchAll(RAW_TEXT)].map((match) => [match[1]!, match.index]));
  for (const [name, last] of opened) if (lower.lastIndexOf(`</${name}`) < last) html += `</${name}>`;
  return html;
}

/** Offset after the tag or comment that begins at `start`; -1 when it never ends. */
function endOfMarkup(raw: string, start: number, lastComment: number): number {
  if (raw.startsWith('<!--', start)) return lastComment < start + 4 ? -1 : raw.indexOf('-->', start + 4) + 3;
  // `a < b` is text, and stays for the sanitiser to escape.
  if (!/[a-z/!?]/i.test(raw[start + 1] ?? '')) return start + 1;
  const tag = /<(?:[^<>"']|"[^"]*"|'[^']*')*>/y;
  tag.lastIndex = start;
  return tag.test(raw) ? tag.lastIndex : -1;
}

/**
 * Inline, Markdown splits `<script>…</script>` into three tokens or more. When `tokens[index]` opens an element that
 * holds raw text, gives the index of the token that closes it, or its own when nothing does; otherwise null.
 */
export function endOfRawText(tokens: readonly Token[], index: number): number | null {
  const name =
    /^<(script|style|title|textarea|iframe|video|audio|xmp|noembed|noframes|noscript|plaintext|annotation)\b/i.exec(
      tokens[index]!.raw,
    )?.[1];
  if (tokens[index]!.type !== 'html' || !name) return null;
  const closes = (token: Token) =>
    token.type === 'html' && token.raw.toLowerCase().startsWith(`</${name.toLowerCase()}`);
  const end = tokens.findIndex((token, at) => at > index && closes(token));
  return end < 0 ? index : end;
}
