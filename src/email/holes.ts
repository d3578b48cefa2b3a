import { createHash } from 'node:crypto';
import type { Expression } from '../expression.ts';

/**
 * Holes travel through Markdown, Handlebars, MJML and juice as lower-case alphanumeric tokens: other characters were
 * seen lost in link targets. A field is PREFIXfNz; a choice opens with PREFIXiNz, turns with PREFIXeNz, ends with PREFIXxNz.
 */
export interface Holes {
  /** The token of a field; equal fields share one. */
  field(name: string, fallback: string | null): string;
  /** The three tokens of a choice. */
  choice(when: Expression): { readonly open: string; readonly turn: string; readonly close: string };
  readonly fields: readonly { readonly name: string; readonly fallback: string | null }[];
  readonly choices: readonly Expression[];
  /** Matches any token; groups `kind` and `index`. Fresh at each call. */
  pattern(): RegExp;
}

/** Tokens that do not occur in `source`: the prefix is derived from it, so the same source gives the same tokens. */
export function openHoles(source: string): Holes {
  const lower = source.toLowerCase();
  let prefix = '';
  for (let salt = 0; prefix === '' || lower.includes(prefix); salt += 1)
    prefix = `q${createHash('sha256').update(`${salt}\n${source}`).digest('hex').slice(0, 7)}`;
  const fields: { name: string; fallback: string | null }[] = [];
  const choices: Expression[] = [];
  return {
    fields,
    choices,
    field(name, fallback) {
      let index = fields.findIndex((field) => field.name === name && field.fallback === fallback);
      if (index < 0) index = fields.push({ name, fallback }) - 1;
      return `${prefix}f${index}z`;
    },
    choice(when) {
      const index = choices.push(when) - 1;
      return { open: `${prefix}i${index}z`, turn: `${prefix}e${index}z`, close: `${prefix}x${index}z` };
    },
    pattern: () => new RegExp(`${prefix}(?<kind>[fiex])(?<index>\\d+)z`, 'g'),
  };
}
