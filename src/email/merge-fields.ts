import type { FieldUse } from './email.ts';
import type { Holes } from './holes.ts';

/** `{{subscriber.FIELD}}` and `{{subscriber.FIELD | "fallback"}}`, also escaped by a backslash before it. */
const FIELD = /\\?\{\{\s*subscriber\.([\p{L}\p{N}_-]{1,64})\s*(?:\|\s*"([^"\n]{0,500})"\s*)?\}\}/gu;

/** What looks like a merge field but is none. */
const ALMOST = /\{\{\s*(?:subscriber\b|links\.)[^}\n]{0,200}\}\}/g;

export interface Replaced {
  readonly text: string;
  readonly uses: readonly (FieldUse & { readonly token: string; readonly written: string })[];
  /** Merge fields with something wrong in them: offset into the text given. */
  readonly malformed: readonly { readonly offset: number; readonly written: string }[];
  /** The offset in the text given of an offset in `text`. */
  toSource(offset: number): number;
}

/**
 * Replaces merge fields by tokens before the Markdown is parsed: a `|` would split a table cell, a `}}` a link. All
 * other `{{…}}` stays: 9 % of real issues hold it and mean something else. `at` is where the text begins in its file.
 */
export function replaceFields(
  text: string,
  at: { path: string; line: number; column: number },
  holes: Holes,
): Replaced {
  const uses: (FieldUse & { token: string; written: string })[] = [];
  const shifts: { at: number; by: number }[] = [];
  let grown = 0;
  const shift = (offset: number, written: string, token: string) => {
    grown += token.length - written.length;
    shifts.push({ at: offset + written.length + grown, by: grown });
    return token;
  };
  const malformed: { offset: number; written: string }[] = [];
  const place = (offset: number) => {
    const before = text.slice(0, offset).split('\n');
    const column = before.at(-1)!.length + (before.length === 1 ? at.column : 1);
    return { path: at.path, line: at.line + before.length - 1, column };
  };
  const replaced = text.replace(
    FIELD,
    (written, name: string, fallback: string | undefined, offset: number) => {
      if (written.startsWith('\\'))
        return shift(offset, written, written.slice(1).replace(/\{\{/, holes.field('literal.open', '{{')));
      const token = holes.field(`subscriber.${name}`, fallback ?? null);
      uses.push({ field: name, fallback: fallback ?? null, token, written, ...place(offset) });
      return shift(offset, written, token);
    },
  );
  for (const match of text.matchAll(ALMOST)) {
    const genuine = new RegExp(FIELD.source, 'u').test(match[0]);
    if (!genuine && text[match.index - 1] !== '\\')
      malformed.push({ offset: match.index, written: match[0] });
  }
  const toSource = (offset: number) => offset - (shifts.findLast(({ at }) => at <= offset)?.by ?? 0);
  return { text: replaced, uses, malformed, toSource };
}

/** Puts fields back as the author wrote them: in code they are code. */
export function restoreFields(text: string, uses: Replaced['uses'], holes: Holes): string {
  return text.replace(holes.pattern(), (token, kind, index) => {
    if (kind !== 'f') return token;
    const field = holes.fields[Number(index)]!;
    if (field.name === 'literal.open') return '\\{{';
    return uses.find((use) => use.token === token)?.written ?? token;
  });
}
