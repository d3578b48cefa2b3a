import type { Token, TokenizerExtension, TokenizerThis, Tokens } from 'marked';
import { readAttributes } from './attributes.ts';

/** The text of a footnote, `[^label]: …`, set at the end of the email. */
export interface FootnoteText extends Tokens.Generic {
  readonly type: 'footnoteText';
  readonly label: string;
  readonly tokens: Token[];
}

/** `Term` and, on the next line, `: what it means`; its tokens are of type `term` and `definition`. */
export interface Definitions extends Tokens.Generic {
  readonly type: 'definitions';
  readonly tokens: (Tokens.Generic & { readonly tokens: Token[] })[];
}

/** A list of attributes, a note, or what asks other systems for the contents: they end a paragraph. */
const ENDING = /^(?: {0,3}\{:|\[\^[^\]\s]+\]:|\[(?:toc\]|\[_toc_\]))/im;

/** What may stand on lines of its own besides GitHub's Markdown. One extension, for marked calls each at every block. */
export const blockMarks: TokenizerExtension = {
  name: 'blockMarks',
  level: 'block',
  start(source) {
    // To look through all of the issue at each paragraph takes half of all the time.
    const end = source.indexOf('\n\n');
    return (end < 0 ? source : source.slice(0, end)).search(ENDING);
  },
  tokenizer(source) {
    return (
      readFootnote.call(this, source) ??
      readDefinitions.call(this, source) ??
      readContents(source) ??
      readAttributes(source, 'block')
    );
  },
};

/** Its first line, lines that simply go on, and indented paragraphs after blank lines. */
function readFootnote(this: TokenizerThis, source: string): FootnoteText | undefined {
  const match =
    /^\[\^([^\]\s]{1,100})\]:[ \t]*([^\n]*(?:\n(?!\[\^|:::|#)(?=[^\n]*\S)[^\n]+|\n+(?: {4}|\t)[^\n]+)*)(?:\n+|$)/.exec(
      source,
    );
  if (!match) return undefined;
  const text = match[2]!.replace(/\n(?: {4}|\t| {2,3})/g, '\n');
  const tokens = this.lexer.blockTokens(text, []);
  return { type: 'footnoteText', raw: match[0], label: match[1]!, tokens };
}

/** A term of one line and its meanings, each to the next blank line, meaning or term; and so on. */
const DEFINITIONS =
  /^(?:(?![ \t#>|<:`~[\]]|[*+-][ \t]|\d{1,9}[.)][ \t])[^\n]{1,200}\n\n?(?::[ \t]+[^\n]+(?:\n(?!:[ \t]|[ \t]*(?:\n|$)|[^\n]{1,200}\n:[ \t])[^\n]+)*(?:\n+|$))+)+/;

function readDefinitions(this: TokenizerThis, source: string): Definitions | undefined {
  // Most blocks are none: their second line says so.
  if (!/^[^\n]+\n\n?:/.test(source)) return undefined;
  const raw = DEFINITIONS.exec(source)?.[0];
  if (raw === undefined) return undefined;
  const parts = raw
    .split(/(?:^|\n)(?=:[ \t])|\n+(?=[^\n]*\n\n?:[ \t])|\n\n/)
    .filter((part) => part.trim() !== '');
  const tokens = parts.map((part) => {
    const text = part.replace(/^:[ \t]+/, '').trim();
    const type = part.startsWith(':') ? 'definition' : 'term';
    return { type, raw: part, text, tokens: this.lexer.inline(text) };
  });
  return { type: 'definitions', raw, tokens };
}

/** The contents are made anyway: what asks other systems for them is not shown. */
function readContents(source: string): Tokens.Space | undefined {
  const raw = /^(?:\[toc\]|\[\[_toc_\]\]|[*+-] toc\n\{:\s?toc\})[ \t]*(?:\n+|$)/i.exec(source)?.[0];
  return raw === undefined ? undefined : { type: 'space', raw };
}
