import type { FieldUse } from './email.ts';
import type { Holes } from './holes.ts';

/** `{{subscriber.FIELD}}` and `{{subscriber.FIELD | "fallback"}}`, also escaped by a backslash before it. */
const FIELD =
  /\\?\{\{\s{0,9}subscriber\.([\p{L}\p{N}_-]{1,64})\s{0,9}(?:\|\s{0,9}"([^"\n]{0,500})"\s{0,9})?\}\}/gu;

/** What looks like a merge field but is none, to its end or that of its line. */
const ALMOST =
  /(?<![\\{])(?:\{\{\s{0,9}subscriber\b[^}\n]{0,200}\}\}|(?:\{\{\s{0,9}(?:subscriber|links)|\{subscriber)\.[^}\n]{0,200}\}{0,2})/g;

export interface Replaced {
  readonly text: string;
  /** Merge fields, with their offset in the text given. */
  readonly uses: readonly (FieldUse & { readonly token: string; readonly offset: number })[];
  /** Merge fields with something wrong in them: offset into the text given. */
  readonly malformed: readonly { readonly offset: number; readonly written: string }[];
  /** The offset in the text given of an offset in `text`. */
  toSource(offset: number): number;
}

/**
 * Replaces merge fields by tokens before the Markdown is parsed: a `|` would split a table cell, a `}}` a link. All
 * other `{{…}}` stays: 9 % of real issues hold it and mean something else. Names are lower case, as the columns of a
 * list are. `at` is where the text begins in its file.
 */
export function replaceFields(
  text: string,
  at: { path: string; line: number; column: number },
  holes: Holes,
): Replaced {
  const uses: (FieldUse & { token: string; offset: number })[] = [];
  const shifts: { at: number; by: number }[] = [];
  let grown = 0;
  let line = at.line;
  let lineStart = 1 - at.column;
  let seen = 0;
  const replaced = text.replace(
    FIELD,
    (written, name: string, fallback: string | undefined, offset: number) => {
      for (let end = text.indexOf('\n', seen); end >= 0 && end < offset; end = text.indexOf('\n', seen)) {
        line += 1;
        lineStart = seen = end + 1;
      }
      const literal = written.startsWith('\\');
      const field = name.toLowerCase();
      const token = literal
        ? holes.field('literal', written.slice(1), written)
        : holes.field(`subscriber.${field}`, fallback ?? null, written);
      if (!literal)
        uses.push({
          field,
          fallback: fallback ?? null,
          path: at.path,
          line,
          column: offset - lineStart + 1,
          token,
          offset,
        });
      grown += token.length - written.length;
      shifts.push({ at: offset + written.length + grown, by: grown });
      return token;
    },
  );
  const toSource = (offset: number) => offset - (shifts.findLast((shift) => shift.at <= offset)?.by ?? 0);
  const malformed = [...replaced.matchAll(ALMOST)].map((match) => ({
    offset: toSource(match.index),
    written: match[0],
  }));
  return { text: replaced, uses, malformed, toSource };
}
