import type { Token, TokenizerExtension, TokenizerThis, Tokens } from 'marked';
import { readAttributes } from './attributes.ts';
import { emojiOf } from './emoji.ts';

export interface FootnoteMark extends Tokens.Generic {
  readonly type: 'footnoteMark';
  readonly label: string;
}

type Read = (this: TokenizerThis, source: string) => Token | undefined;

/** What may stand in a line besides GitHub's Markdown, by its first character. */
const MARKS: Readonly<Record<string, Read>> = {
  // Its stars and underscores are no emphasis. One dollar only where a sign says that it is no price.
  $(source) {
    const raw =
      /^(?:\$\$(?!\$)[^$]{1,2000}\$\$|\$(?=[^$\n]{0,300}[\\^_{])(?![\s$])[^$\n]{0,300}(?<![\s\\])\$(?!\d))/.exec(
        source,
      )?.[0];
    return raw === undefined ? undefined : { type: 'escape', raw, text: raw };
  },
  '=': function (source) {
    // `a==b==c` is code that nobody marked as such.
    const match = /^==([^\s=](?:[^\n]{0,500}?[^\s=])?)==(?![\w=])/.exec(source);
    return match
      ? { type: 'mark', raw: match[0], text: match[1]!, tokens: this.lexer.inlineTokens(match[1]!) }
      : undefined;
  },
  ':': (source) => {
    const [raw = '', name = ''] = /^:([a-z\d_+-]{1,40}):/.exec(source) ?? [];
    const text = emojiOf(name);
    return text === undefined ? undefined : { type: 'escape', raw, text };
  },
  '{': (source) => readAttributes(source, 'inline'),
  '[': (source) => {
    const match = /^\[\^([^\]\s]{1,100})\](?!:)/.exec(source);
    return match
      ? ({ type: 'footnoteMark', raw: match[0], label: match[1]! } satisfies FootnoteMark)
      : undefined;
  },
};

/**
 * One extension for all of them, for marked calls each at every sign of a text, and looks through the whole paragraph for
 * where it may begin: for a sign alone that takes a fifth of the time. It stops at a `[` by itself.
 */
export const inlineMarks: TokenizerExtension = {
  name: 'inlineMarks',
  level: 'inline',
  start: (source) => source.search(/[:$={]/),
  tokenizer(source) {
    return MARKS[source[0]!]?.call(this, source);
  },
};
