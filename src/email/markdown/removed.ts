import { EMBED_TAGS, REMOVED_TAGS } from './known-tags.ts';

/** What `sanitize` will take out of a piece of raw HTML, each with its offset. */
export function* removedFrom(
  html: string,
): Generator<{ offset: number; rule: string; message: string; hint: string }> {
  const visible = html.replace(/<!--[\s\S]*?-->/g, (comment) => ' '.repeat(comment.length));
  for (const match of visible.matchAll(/<([a-z][\w-]*)/gi)) {
    const name = match[1]!.toLowerCase();
    if (EMBED_TAGS.includes(name))
      yield {
        offset: match.index,
        rule: 'html-embed',
        message: `<${name}> does not work in mail: a link stands in its place.`,
        hint: '',
      };
    else if (REMOVED_TAGS.includes(name))
      yield {
        offset: match.index,
        rule: 'html-removed',
        message: `<${name}> was taken out: mail clients do not allow it.`,
        hint: 'Delete it.',
      };
  }
  for (const match of visible.matchAll(/\s(on[a-z]{3,20})\s*=/gi))
    yield {
      offset: match.index + 1,
      rule: 'html-removed',
      message: `The event handler "${match[1]}" was taken out.`,
      hint: 'Delete it.',
    };
  for (const match of visible.matchAll(/(?:href|src)\s*=\s*["']?\s*((?:javascript|vbscript|data|file):)/gi))
    yield {
      offset: match.index,
      rule: 'html-removed',
      message: `A ${match[1]} address was taken out.`,
      hint: 'Use an https address.',
    };
  for (const match of visible.matchAll(/style\s*=\s*(?:"([^"]*)"|'([^']*)')/gi))
    if (/url\s*\(|@import|expression\s*\(/i.test(match[1] ?? match[2] ?? ''))
      yield {
        offset: match.index,
        rule: 'html-removed',
        message: 'CSS that fetches something was taken out.',
        hint: 'Use an image.',
      };
}
