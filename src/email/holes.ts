import { hash } from 'node:crypto';
import type { Expression } from '../expression.ts';

/** What a field's token stands for. */
export interface Hole {
  /** `subscriber.FIELD`, `links.NAME`, or `literal`: the text in `fallback`, as it is. */
  readonly name: string;
  readonly fallback: string | null;
  /** As the author wrote it: in code it is code. */
  readonly written: string;
}

/**
 * Holes travel through Markdown, Handlebars, MJML and juice as lower-case alphanumeric tokens: other characters were
 * seen lost in link targets. A field is PREFIXfNz; a choice opens with PREFIXiNz, turns with PREFIXeNz, ends with PREFIXxNz.
 */
export interface Holes {
  /** The token of a field; equal fields, written alike, share one. */
  field(name: string, fallback: string | null, written?: string): string;
  /** The three tokens of a choice. */
  choice(when: Expression): { readonly open: string; readonly turn: string; readonly close: string };
  readonly fields: readonly Hole[];
  readonly choices: readonly Expression[];
  /** Matches any token; groups `kind` and `index`. Fresh at each call. */
  pattern(): RegExp;
  /** Does a text begin with a token? */
  begins(text: string): boolean;
  /** A text with its fields as the author wrote them. */
  restore(text: string): string;
}

/** Tokens that do not occur in `source`: the prefix is derived from it, so the same source gives the same tokens. */
export function openHoles(source: string): Holes {
  const lower = source.toLowerCase();
  let prefix = '';
  for (let salt = 0; prefix === '' || lower.includes(prefix); salt += 1)
    prefix = `q${hash('sha256', `${salt}\n${source}`).slice(0, 7)}`;
  const pattern = () => new RegExp(`${prefix}(?<kind>[fiex])(?<index>\\d+)z`, 'g');
  const fields: Hole[] = [];
  const known = new Map<string, string>();
  const choices: Expression[] = [];
  return {
    fields,
    choices,
    pattern,
    field(name, fallback, written = '') {
      const key = JSON.stringify([name, fallback, written]);
      const token = known.get(key) ?? `${prefix}f${fields.push({ name, fallback, written }) - 1}z`;
      known.set(key, token);
      return token;
    },
    choice(when) {
      const index = choices.push(when) - 1;
      return { open: `${prefix}i${index}z`, turn: `${prefix}e${index}z`, close: `${prefix}x${index}z` };
    },
    begins: (text) => text.startsWith(prefix) && pattern().exec(text)?.index === 0,
    restore: (text) =>
      text.replace(pattern(), (token, kind, index) =>
        kind === 'f' ? fields[Number(index)]!.written || token : token,
      ),
  };
}
