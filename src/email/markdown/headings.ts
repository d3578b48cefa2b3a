import type { Token, Tokens } from 'marked';
import { stripMarkdown } from '../../issue/strip-markdown.ts';
import type { Holes } from '../holes.ts';
import { splitAttributes } from './attributes.ts';
import { walk } from './lexer.ts';

/** The headings of an email: their ids, as GitHub makes them, and their texts. */
export interface Headings {
  readonly ids: ReadonlySet<string>;
  idOf(heading: Tokens.Heading): string;
  textOf(heading: Tokens.Heading): string;
}

/**
 * Gives each heading an id of its own; two of the same text become `news` and `news-1`. Merge fields are not part of
 * an id: it must be the same for all readers. `## News {#latest}` gives its own.
 */
export function openHeadings(tokens: readonly Token[], holes: Holes): Headings {
  const byToken = new Map<Token, string>();
  const ids = new Set<string>();
  const counts = new Map<string, number>();
  for (const token of walk(tokens)) {
    if (token.type !== 'heading') continue;
    const { words, id: given } = splitAttributes((token as Tokens.Heading).text);
    const base = given ?? (slug(stripMarkdown(words).replace(holes.pattern(), ' ')) || 'section');
    let id = base;
    let count = counts.get(base) ?? 1;
    for (; ids.has(id); count += 1) id = `${base}-${count}`;
    counts.set(base, count);
    ids.add(id);
    byToken.set(token, id);
  }
  return {
    ids,
    idOf: (heading) => byToken.get(heading) ?? 'section',
    textOf: (heading) => stripMarkdown(splitAttributes(heading.text).words),
  };
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
