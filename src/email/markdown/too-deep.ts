import type { Token, Tokens } from 'marked';

/** Deeper than anybody writes: what renders and inlines below this calls itself at each level. */
const DEEPEST = 100;

/** The first of the tokens that nests others too deeply; null: none does. Needs no stack of its own. */
export function findTooDeep(tokens: readonly Token[]): Token | null {
  for (const top of tokens) {
    let level: readonly Token[] = [top];
    for (let depth = 0; level.length > 0; depth += 1) {
      if (depth > DEEPEST) return top;
      level = level.flatMap(childrenOf);
    }
  }
  return null;
}

function childrenOf(token: Token): readonly Token[] {
  if (token.type === 'choice') return [...token.then, ...token.otherwise];
  if (token.type === 'list') return (token as Tokens.List).items;
  if (token.type === 'table') {
    const { header, rows } = token as Tokens.Table;
    return [...header, ...rows.flat()].flatMap((cell) => cell.tokens);
  }
  return 'tokens' in token && token.tokens ? token.tokens : [];
}

/** Is well-formed HTML nested too deeply to be inlined? */
export function isTooDeep(html: string): boolean {
  let depth = 0;
  for (const [, slash, name] of html.matchAll(/<(\/?)([a-z][a-z\d]*)/g)) {
    if (!/^(?:br|hr|img|wbr|col)$/.test(name!)) depth += slash ? -1 : 1;
    if (depth > DEEPEST * 3) return true;
  }
  return false;
}
