import { Marked, type Token, Tokenizer, type Tokens } from 'marked';
import { readAttributes } from './attributes.ts';
import { emojiOf } from './emoji.ts';

/** `::: if …`, `::: else`, `:::` on a line of its own. */
export interface ChoiceMark extends Tokens.Generic {
  readonly type: 'choiceMark';
  readonly mark: 'if' | 'else' | 'end';
  readonly condition: string;
}

export interface FootnoteMark extends Tokens.Generic {
  readonly type: 'footnoteMark';
  readonly label: string;
}

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

/** A term of one line and its meanings, each to the next blank line, meaning or term; and so on. */
const DEFINITIONS =
  /^(?:(?![ \t#>|<:`~[\]]|[*+-][ \t]|\d{1,9}[.)][ \t])[^\n]{1,200}\n\n?(?::[ \t]+[^\n]+(?:\n(?!:[ \t]|[ \t]*(?:\n|$)|[^\n]{1,200}\n:[ \t])[^\n]+)*(?:\n+|$))+)+/;

/** A line of `:::`. */
export const MARK = /^:::[ \t]*(if(?:[ \t]+[^\n]*)?|else)?[ \t]*(?:\n+|$)/;

/** What ends a comment, a processing instruction and character data. */
const ENDS: Record<string, string> = { '<!--': '-->', '<?': '?>', '<![CDATA[': ']]>' };

/** GitHub-flavoured Markdown, with choices, footnotes, attributes, formulas and emoji by name. */
export const dialect = new Marked({
  gfm: true,
  tokenizer: {
    // An element or a comment that is never closed would take the rest of the issue with it: here, only its own line.
    html(source) {
      // Marked takes the blank line after `<div` for a part of the tag.
      const cut = /^ {0,3}<\/?[a-z][a-z\d-]*[ \t]*\n[ \t]*\n/i.exec(source)?.[0];
      if (cut) return { type: 'html', block: true, raw: cut, pre: false, text: cut };
      const opening = /^ {0,3}<(?:(script|pre|style|textarea)\b|!--|\?|!\[CDATA\[)/i.exec(source);
      if (!opening) return false;
      const [begin, name] = [opening[0].trim(), opening[1]];
      if (name ? new RegExp(`</${name}\\s*>`, 'i').test(source) : source.includes(ENDS[begin.toUpperCase()]!))
        return false;
      const raw = /^[^\n]*(?:\n+|$)/.exec(source)![0];
      return { type: 'html', block: true, raw, pre: false, text: raw };
    },
    // A bare address ends where a Chinese or Japanese sentence does.
    url(source) {
      const end = source.search(
        /[\u3001-\u3003\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f“”‘’…]/,
      );
      return (end > 0 && Tokenizer.prototype.url.call(this, source.slice(0, end))) || false;
    },
  },
  extensions: [
    {
      name: 'choiceMark',
      level: 'block',
      start: (source) => source.match(/^:::/m)?.index,
      tokenizer(source): ChoiceMark | undefined {
        const match = MARK.exec(source);
        return match ? markToken(match) : undefined;
      },
    },
    {
      name: 'attributes',
      level: 'block',
      start: (source) => source.match(/^ {0,3}\{:/m)?.index,
      tokenizer: (source) => readAttributes(source, 'block'),
    },
    {
      name: 'inlineAttributes',
      level: 'inline',
      start: (source) => source.match(/\{[:.#]/)?.index,
      tokenizer: (source) => readAttributes(source, 'inline'),
    },
    {
      // The contents are made anyway: what asks other systems for them is not shown.
      name: 'contents',
      level: 'block',
      start: (source) => source.match(/^\[(?:toc\]|\[_toc_\])/im)?.index,
      tokenizer(source) {
        const raw = /^(?:\[toc\]|\[\[_toc_\]\]|[*+-] toc\n\{:\s?toc\})[ \t]*(?:\n+|$)/i.exec(source)?.[0];
        return raw === undefined ? undefined : { type: 'space', raw };
      },
    },
    {
      // Its stars and underscores are no emphasis. One dollar only where a sign says that it is no price.
      name: 'formula',
      level: 'inline',
      start: (source) => source.match(/\$/)?.index,
      tokenizer(source) {
        const raw =
          /^(?:\$\$(?!\$)[^$]{1,2000}\$\$|\$(?=[^$\n]{0,300}[\\^_{])(?![\s$])[^$\n]{0,300}(?<![\s\\])\$(?!\d))/.exec(
            source,
          )?.[0];
        return raw === undefined ? undefined : { type: 'escape', raw, text: raw };
      },
    },
    {
      name: 'definitions',
      level: 'block',
      tokenizer(source): Definitions | undefined {
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
      },
      childTokens: ['tokens'],
    },
    {
      name: 'mark',
      level: 'inline',
      start: (source) => source.match(/==[^\s=]/)?.index,
      tokenizer(source) {
        // `a==b==c` is code that nobody marked as such.
        const match = /^==([^\s=](?:[^\n]{0,500}?[^\s=])?)==(?![\w=])/.exec(source);
        return match
          ? { type: 'mark', raw: match[0], text: match[1]!, tokens: this.lexer.inlineTokens(match[1]!) }
          : undefined;
      },
      childTokens: ['tokens'],
    },
    {
      name: 'emoji',
      level: 'inline',
      start: (source) => source.match(/:[a-z\d+-]/)?.index,
      tokenizer(source) {
        const [raw = '', name = ''] = /^:([a-z\d_+-]{1,40}):/.exec(source) ?? [];
        const text = emojiOf(name);
        return text === undefined ? undefined : { type: 'escape', raw, text };
      },
    },
    {
      name: 'footnoteText',
      level: 'block',
      start: (source) => source.match(/^\[\^[^\]\s]+\]:/m)?.index,
      tokenizer(source): FootnoteText | undefined {
        // Its first line, lines that simply go on, and indented paragraphs after blank lines.
        const match =
          /^\[\^([^\]\s]{1,100})\]:[ \t]*([^\n]*(?:\n(?!\[\^|:::|#)(?=[^\n]*\S)[^\n]+|\n+(?: {4}|\t)[^\n]+)*)(?:\n+|$)/.exec(
            source,
          );
        if (!match) return undefined;
        const text = match[2]!.replace(/\n(?: {4}|\t| {2,3})/g, '\n');
        return {
          type: 'footnoteText',
          raw: match[0],
          label: match[1]!,
          tokens: this.lexer.blockTokens(text, []),
        };
      },
      childTokens: ['tokens'],
    },
    {
      name: 'footnoteMark',
      level: 'inline',
      start: (source) => source.match(/\[\^/)?.index,
      tokenizer(source): FootnoteMark | undefined {
        const match = /^\[\^([^\]\s]{1,100})\](?!:)/.exec(source);
        return match ? { type: 'footnoteMark', raw: match[0], label: match[1]! } : undefined;
      },
    },
  ],
});

/** The token of a line of `:::`, from a match of MARK. */
export function markToken([raw, word]: RegExpExecArray): ChoiceMark {
  const mark = !word ? 'end' : word.startsWith('if') ? 'if' : 'else';
  return { type: 'choiceMark', raw, mark, condition: mark === 'if' ? word!.slice(2).trim() : '' };
}
