import type { Token } from 'marked';
import { walk } from './markdown/lexer.ts';
import type { Place } from './report.ts';

/** Where things of a body stand in the author's file. */
export interface Places {
  /** The place of one of the tokens. */
  of(token: Token): Place;
  /** The place of an offset in the body as written. */
  inSource(offset: number): Place;
  /** The place of an offset in a text that begins at a place. */
  within(start: Place, text: string, offset: number): Place;
  /** Does an offset of the body as written stand in code or in a comment, where a merge field is none? */
  isSilent(offset: number): boolean;
}

/**
 * Finds marked's tokens, which have no positions, in the body: `raw` adds up at the top level, and below it a token's
 * first line stands word for word in its parent (containers only strip what is before it), in order. `lexed` is what
 * the lexer saw, `toSource` turns its offsets into those of `body`.
 */
export function openPlaces(
  body: string,
  lexed: string,
  tokens: readonly Token[],
  bodyLine: number,
  toSource: (offset: number) => number,
): Places {
  const starts = [0, ...[...body.matchAll(/\n/g)].map((match) => match.index + 1)];
  const offsets = new Map<Token, number>();
  let end = 0;
  for (const token of tokens) {
    // A definition that stands twice is no token: then the next one begins further down.
    const first = firstLine(token.raw);
    const start = lexed.startsWith(first, end) ? end : Math.max(lexed.indexOf(first, end), end);
    end = start + token.raw.length;
    // To look further than the token reaches would take all of the issue for each that is not found.
    const within = lexed.slice(start, end);
    let cursor = 0;
    for (const one of walk([token])) {
      const found = within.indexOf(firstLine(one.raw), cursor);
      if (found >= 0) cursor = found;
      offsets.set(one, one === token ? start : start + cursor);
      const isLeaf = !('tokens' in one) && one.type !== 'list' && one.type !== 'table';
      if (isLeaf && found >= 0) cursor = Math.min(found + one.raw.length, within.length);
    }
  }
  const inSource = (offset: number): Place => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: bodyLine + low, column: offset - starts[low]! + 1 };
  };
  /** Offsets of the body between which is code, or a comment. */
  const silent: { from: number; to: number }[] = [];
  for (const [token, offset] of offsets) {
    const from = toSource(offset);
    if (token.type === 'codespan') silent.push({ from, to: toSource(offset + token.raw.length) });
    // In a quote or a list its lines were cut at the left: then lines count.
    if (token.type === 'code') {
      const line = inSource(from).line - bodyLine + token.raw.trimEnd().split('\n').length;
      silent.push({ from, to: starts[line] ?? body.length });
    }
    if (token.type === 'html')
      for (const comment of token.raw.matchAll(/<!--[\s\S]*?-->/g)) {
        const start = offset + comment.index;
        silent.push({ from: toSource(start), to: toSource(start + comment[0].length) });
      }
  }
  return {
    inSource,
    isSilent: (offset) => silent.some(({ from, to }) => from <= offset && offset < to),
    of: (token) => inSource(toSource(offsets.get(token) ?? 0)),
    within(start, text, offset) {
      const before = text.slice(0, offset).split('\n');
      return before.length === 1
        ? { line: start.line, column: start.column + offset }
        : { line: start.line + before.length - 1, column: before.at(-1)!.length + 1 };
    },
  };
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
