import type { Token, Tokens } from 'marked';
import { stripMarkdown } from '../../issue/strip-markdown.ts';
import { walk } from './lexer.ts';

/** The headings of an email: their ids, as GitHub makes them, and their texts. */
export interface Headings {
  readonly ids: ReadonlySet<string>;
  idOf(heading: Tokens.Heading): string;
  textOf(heading: Tokens.Heading): string;
}

/** Gives each heading an id of its own; two of the same text become `news` and `news-1`. */
export function openHeadings(tokens: readonly Token[]): Headings {
  const byToken = new Map<Token, string>();
  const ids = new Set<string>();
  for (const token of walk(tokens)) {
    if (token.type !== 'heading') continue;
    const base = slug(stripMarkdown((token as Tokens.Heading).text)) || 'section';
    let id = base;
    for (let count = 1; ids.has(id); count += 1) id = `${base}-${count}`;
    ids.add(id);
    byToken.set(token, id);
  }
  return {
    ids,
    idOf: (heading) => byToken.get(heading) ?? 'section',
    textOf: (heading) => stripMarkdown(heading.text),
  };
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
