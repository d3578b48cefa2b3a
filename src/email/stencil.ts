import { evaluate } from '../expression.ts';
import type { Choice, Field, Landing, Stencil } from './email.ts';
import type { Holes } from './holes.ts';

/**
 * Cuts a finished text at its tokens into a Stencil. `landing` says where a hole at an offset stands. Throws when a
 * choice is not closed inside the text: the compiler made it, so that is a bug.
 */
export function cut(text: string, holes: Holes, landing: (offset: number) => Landing): Stencil {
  const root: (string | Field | Choice)[] = [];
  const open: { when: number; then: Stencil; pieces: (string | Field | Choice)[] }[] = [];
  let pieces = root;
  let from = 0;
  const push = (piece: string | Field) => {
    if (piece === '') return;
    if (typeof piece === 'string' && typeof pieces.at(-1) === 'string')
      pieces[pieces.length - 1] += piece as never;
    else pieces.push(piece);
  };
  for (const match of text.matchAll(holes.pattern())) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    const index = Number(match.groups!.index);
    const kind = match.groups!.kind;
    if (kind === 'f') {
      const { name, fallback } = holes.fields[index]!;
      push(name === 'literal.open' ? '{{' : { kind: 'field', name, fallback, landing: landing(match.index) });
    } else if (kind === 'i') {
      open.push({ when: index, then: [], pieces });
      pieces = [];
    } else {
      const choice = open.at(-1);
      if (choice?.when !== index) throw new Error(`A choice is torn apart in the layout (${match[0]})`);
      if (kind === 'e') {
        choice.then = pieces;
        pieces = [];
        continue;
      }
      open.pop();
      const turned =
        choice.then.length > 0 || text.slice(0, match.index).includes(match[0].replace('x', 'e'));
      const [then, otherwise] = turned ? [choice.then, pieces] : [pieces, []];
      pieces = choice.pieces;
      pieces.push({ kind: 'choice', when: holes.choices[index]!, then, otherwise });
    }
  }
  push(text.slice(from));
  if (open.length > 0) throw new Error('A choice is never closed in the layout');
  return root;
}

/**
 * Fills a stencil for one reader. `value` gives what a hole's name (`subscriber.name`, `links.web`) stands for, or
 * undefined; `fields` are the reader's, for choices. Every value is escaped for where it lands.
 */
export function fill(
  stencil: Stencil,
  value: (name: string) => string | undefined,
  fields: Readonly<Record<string, string>>,
): string {
  let text = '';
  for (const piece of stencil) {
    if (typeof piece === 'string') text += piece;
    else if (piece.kind === 'choice')
      text += fill(evaluate(piece.when, fields) ? piece.then : piece.otherwise, value, fields);
    else text += escapeFor(piece.landing, value(piece.name) || (piece.fallback ?? ''));
  }
  return text;
}

/** Escapes a reader's value: hostile text must stay text wherever it lands. */
export function escapeFor(landing: Landing, value: string): string {
  // Control characters have no business anywhere: CR and LF would begin a header, others hide text.
  const clean = value.replace(/\p{Cc}+/gu, ' ');
  switch (landing) {
    case 'html':
    case 'attribute':
      return clean.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
    case 'url':
      return encodeURIComponent(clean.toWellFormed());
    case 'text':
    case 'header':
      return clean;
  }
}

/** Where an offset of an HTML text lands: between tags, in an attribute, or inside a larger address. */
export function landingInHtml(html: string): (offset: number) => Landing {
  return (offset) => {
    const open = html.lastIndexOf('<', offset);
    if (open < html.lastIndexOf('>', offset)) return 'html';
    const before = html.slice(open, offset);
    if (/\s(?:href|src)="$/.test(before)) return 'attribute';
    return /\s(?:href|src)="[^"]*$/.test(before) ? 'url' : 'attribute';
  };
}
