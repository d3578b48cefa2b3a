import type { Token, Tokens } from 'marked';
import type { Words } from '../../words/words.ts';

/** A quote that begins with `[!NOTE]`, as GitHub and Obsidian have it. */
export interface Alert {
  readonly kind: keyof Words['alerts'];
  /** What stands behind it on its line; empty: the mail's language has a word for it. */
  readonly title: readonly Token[];
  readonly body: readonly Token[];
}

const MARK = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][+-]?[ \t]*/i;

/** Reads a quote as an alert; null: it is a plain one. */
export function readAlert({ tokens }: Tokens.Blockquote): Alert | null {
  const [first, ...rest] = tokens;
  if (first?.type !== 'paragraph') return null;
  const kind = MARK.exec(first.raw)?.[1]?.toLowerCase() as Alert['kind'] | undefined;
  if (!kind) return null;
  const [title, body] = splitFirstLine((first as Tokens.Paragraph).tokens);
  const [mark, ...words] = title;
  const named = mark ? withText(mark, (mark as Tokens.Text).text.replace(MARK, '')) : [];
  const paragraph = { ...first, tokens: body } as Tokens.Paragraph;
  return {
    kind,
    title: [...named, ...words],
    body: body.length > 0 ? [paragraph, ...rest] : rest,
  };
}

function splitFirstLine(tokens: readonly Token[]): [Token[], Token[]] {
  for (const [index, token] of tokens.entries()) {
    const [before, after] = [tokens.slice(0, index), tokens.slice(index + 1)];
    if (token.type === 'br') return [before, after];
    const text = token.type === 'text' ? (token as Tokens.Text).text : '';
    const end = text.indexOf('\n');
    if (end >= 0)
      return [
        [...before, ...withText(token, text.slice(0, end))],
        [...withText(token, text.slice(end + 1)), ...after],
      ];
  }
  return [[...tokens], []];
}

function withText(token: Token, text: string): Token[] {
  return text === '' ? [] : [{ ...token, raw: text, text } as Token];
}
