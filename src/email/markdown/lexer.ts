import { Lexer, type Token, type Tokens, type TokensList } from 'marked';
import { readChoiceMark } from './choice-mark.ts';
import { dialect } from './dialect.ts';

/** A longer run of inline text is plain text: marked takes quadratic time for 100 KB of `[`. Real ones have up to 15 KB. */
export const LONGEST_TEXT = 20_000;

/**
 * What stands between two `:::` lines is lexed by itself, in the body and in each item and quote: a list, a quote or a
 * table would else take the next `:::` as its own line.
 */
class ChoiceLexer extends Lexer {
  override blockTokens(source: string, tokens: Token[] = [], clipped?: boolean): TokensList {
    for (const part of splitAtMarks(source)) {
      const mark = readChoiceMark(part);
      if (mark) tokens.push(mark);
      else super.blockTokens(part, tokens, clipped);
    }
    return tokens as TokensList;
  }
}

/**
 * Markdown as marked's tokens. The text has LF line ends. Throws RangeError for what is nested thousands deep.
 */
export function lexMarkdown(text: string): Token[] {
  const lexer = new ChoiceLexer(dialect.defaults);
  lexer.blockTokens(text, lexer.tokens);
  // The queue grows while it is worked off. Last, for links may be defined anywhere.
  for (const { src, tokens } of lexer.inlineQueue)
    if (src.length > LONGEST_TEXT) tokens.push({ type: 'text', raw: src, text: src, escaped: false });
    else lexer.inlineTokens(src, tokens);
  return lexer.tokens;
}

/** What stands before the words of an item or a quote, and a fence of code. */
const CONTAINER = /^ *(?:>[ \t]*|(?:[*+-]|\d{1,9}[.)])[ \t]+)*/;
const FENCE = /^(`{3,}|~{3,})(.*)/;

/** Texts and `:::` lines in turn; what stands in fenced code stays text. */
function splitAtMarks(text: string): string[] {
  if (!text.includes(':::')) return [text];
  const parts = [''];
  let fence = '';
  let inside = false;
  for (const line of text.split(/(?<=\n)/)) {
    const container = CONTAINER.exec(line)![0];
    const isIndented = container.length > 3 && container.trim() === '';
    const [, ticks = '', rest = ''] = (!isIndented && FENCE.exec(line.slice(container.length))) || [];
    const isMark = line.startsWith(':::') && readChoiceMark(line) !== null;
    // A line without its indentation ends an item or a quote, and the code in it.
    if (isMark && inside) fence = '';
    if (fence === '' && ticks && !(ticks.startsWith('`') && rest.includes('`'))) {
      fence = ticks;
      inside = container.trim() !== '';
    } else if (fence !== '' && ticks.startsWith(fence) && rest.trim() === '') fence = '';
    if (fence === '' && isMark) parts.push(line, '');
    else parts[parts.length - 1] += line;
  }
  return parts.filter((part) => part !== '');
}

/** All tokens below, depth first, in the order of the text; both branches of a choice. */
export function walk(tokens: readonly Token[], into: Token[] = []): Token[] {
  for (const token of tokens) {
    into.push(token);
    walk(childrenOf(token), into);
  }
  return into;
}

/** The tokens right below one; of a choice those of both branches. */
export function childrenOf(token: Token): readonly Token[] {
  if (token.type === 'choice') return [...token.then, ...token.otherwise];
  if (token.type === 'list') return (token as Tokens.List).items;
  if (token.type === 'table') {
    const { header, rows } = token as Tokens.Table;
    return [...header, ...rows.flat()].flatMap((cell) => cell.tokens);
  }
  return 'tokens' in token && token.tokens ? token.tokens : [];
}
