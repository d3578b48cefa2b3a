import { decodeHTML } from 'entities';

const BLOCK =
  /<(p|li|h[1-6]|td|th|pre|blockquote|div)\b([^>]*)>([^<]*(?:<(?!\/?(?:p|li|h[1-6]|td|th|pre|blockquote|div|ul|ol|table|tr)\b)[^>]*>[^<]*)*)/gi;

/** How far ahead the words of a block are looked for: farther is another place that happens to begin alike. */
const REACH = 600;

/**
 * Marks the blocks of a mail with the line of the Markdown that made them (`data-line`), for the preview only. A block is
 * found by its first words, which stand in the source in the same order; one that is not found has no mark.
 */
export function markBlocks(html: string, body: string, bodyLine: number): string {
  const words = sourceWords(body, bodyLine);
  let cursor = 0;
  return html.replace(BLOCK, (all, name: string, attributes: string, inner: string) => {
    const first = wordsOf(decodeHTML(inner.replace(/<[^>]*>/g, ' '))).slice(0, 4);
    if (first.length === 0) return all;
    const at = find(words, first, cursor);
    if (at < 0) return all;
    cursor = at;
    return `<${name}${attributes} data-line="${words[at]!.line}">${inner}`;
  });
}

function find(words: readonly { text: string }[], first: readonly string[], from: number): number {
  // A link's address or a field can stand between two words: then fewer must do, but one short word says nothing.
  for (let count = first.length; count > 0; count -= 1) {
    if (count === 1 && first.length > 1 && first[0]!.length < 4) return -1;
    for (let at = from; at < Math.min(from + REACH, words.length); at += 1)
      if (first.slice(0, count).every((word, index) => words[at + index]?.text === word)) return at;
  }
  return -1;
}

function sourceWords(body: string, bodyLine: number): { text: string; line: number }[] {
  const plain = body.replace(/\]\([^)\n]*\)|^\[[^\]\n]*\]:.*$/gm, ' ');
  return plain
    .split('\n')
    .flatMap((line, index) => wordsOf(decodeHTML(line)).map((text) => ({ text, line: bodyLine + index })));
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
