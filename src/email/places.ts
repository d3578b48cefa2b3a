import type { Token } from 'marked';

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where things of a body stand in the author's file. */
export interface Places {
  /** The place of a token; ask in the order of the text, for marked keeps no positions. */
  of(token: Token): Place;
  /** The place of an offset in the body as written. */
  inSource(offset: number): Place;
  /** The place of an offset in a text that begins at a place. */
  within(start: Place, text: string, offset: number): Place;
}

/**
 * Finds tokens again in the body: a token's first line stands in it word for word (containers only strip what is
 * before it), and tokens come in order. `replaced` is the body with its tokens for fields, which the lexer saw; it
 * has the same lines as `body`, so columns are exact but on a line after a field.
 */
export function openPlaces(body: string, replaced: string, bodyLine: number): Places {
  const lineStarts = (text: string) => [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  const starts = lineStarts(replaced);
  const sourceStarts = lineStarts(body);
  const known = new Map<Token, Place>();
  let cursor = 0;
  const place = (offset: number, lines: number[]): Place => {
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lines[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: bodyLine + low, column: offset - lines[low]! + 1 };
  };
  return {
    of(token) {
      const seen = known.get(token);
      if (seen) return seen;
      const needle = token.raw.split('\n')[0]!;
      const found = replaced.indexOf(needle, cursor);
      const offset = found >= 0 ? found : Math.max(replaced.indexOf(needle), 0);
      if (found >= 0) cursor = found;
      const result = place(offset, starts);
      known.set(token, result);
      return result;
    },
    inSource: (offset) => place(offset, sourceStarts),
    within(start, text, offset) {
      const before = text.slice(0, offset).split('\n');
      return before.length === 1
        ? { line: start.line, column: start.column + offset }
        : { line: start.line + before.length - 1, column: before.at(-1)!.length + 1 };
    },
  };
}
