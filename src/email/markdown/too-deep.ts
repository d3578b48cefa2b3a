import type { Token } from 'marked';
import { childrenOf } from './lexer.ts';

/** Deeper than anybody writes: what renders and inlines below this calls itself at each level. */
const DEEPEST = 100;

/** The first of the tokens that nests others too deeply; null: none does. */
export function findTooDeep(tokens: readonly Token[]): Token | null {
  // Looks no deeper than it must, so it needs little stack of its own.
  const reaches = (token: Token, depth: number): boolean =>
    depth > DEEPEST || childrenOf(token).some((child) => reaches(child, depth + 1));
  return tokens.find((token) => reaches(token, 0)) ?? null;
}

/** Is well-formed HTML nested too deeply to be inlined? */
export function isTooDeep(html: string): boolean {
  if (html.split('</', DEEPEST * 3 + 2).length <= DEEPEST * 3) return false;
  let depth = 0;
  for (const [, slash, name] of html.matchAll(/<(\/?)([a-z][a-z\d]*)/g)) {
    if (!/^(?:br|hr|img|wbr|col)$/.test(name!)) depth += slash ? -1 : 1;
    if (depth > DEEPEST * 3) return true;
  }
  return false;
}
