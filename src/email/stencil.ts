import { evaluate } from '../expression.ts';
import { isolate } from '../words/isolate.ts';
import type { Choice, Field, Landing, Stencil } from './email.ts';
import type { Hole, Holes } from './holes.ts';

type Pieces = (string | Field | Choice)[];

/**
 * Cuts a finished text at its tokens into a Stencil. `landing` says where a hole at an offset stands. Throws when a
 * choice is not closed inside the text: the compiler made it, so that is a bug.
 */
export function cut(text: string, holes: Holes, landing: (offset: number) => Landing): Stencil {
  const root: Pieces = [];
  const open: { index: number; then: Pieces | null; around: Pieces }[] = [];
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
    if (kind === 'f') push(fieldOf(holes.fields[index]!, landing(match.index)));
    else if (kind === 'i') {
      open.push({ index, then: null, around: pieces });
      pieces = [];
    } else {
      const choice = open.at(-1);
      if (choice?.index !== index) throw new Error(`A choice is torn apart in the layout (${match[0]})`);
      if (kind === 'e') {
        choice.then = pieces;
        pieces = [];
        continue;
      }
      open.pop();
      const [then, otherwise] = choice.then ? [choice.then, pieces] : [pieces, []];
      pieces = choice.around;
      pieces.push({ kind: 'choice', when: holes.choices[index]!, then, otherwise });
    }
  }
  push(text.slice(from));
  if (open.length > 0) throw new Error('A choice is never closed in the layout');
  return root;
}

function fieldOf({ name, fallback }: Hole, landing: Landing): string | Field {
  if (name === 'literal') return escapeFor(landing === 'address' ? 'url' : landing, fallback ?? '');
  // Links of the newsletter's own are addresses by construction.
  const trusted = landing === 'address' && !name.startsWith('subscriber.');
  return { kind: 'field', name, fallback, landing: trusted ? 'attribute' : landing };
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
    else text += readerValue(piece, value(piece.name) ?? '');
  }
  return text;
}

/** A reader's value, or the fallback when there is none: an address that is no address counts as none. */
function readerValue({ landing, fallback }: Field, value: string): string {
  const usable = landing === 'address' ? isAddress(value) : value !== '';
  return escapeFor(landing, usable ? value : (fallback ?? ''));
}

/** Escapes a reader's value: hostile text must stay text wherever it lands. */
export function escapeFor(landing: Landing, value: string): string {
  // Control characters have no business anywhere: CR and LF would begin a header, others hide text.
  // So do marks that turn the text after them around (Unicode TR 9): `\u202Egpj.exe` would end in `exe.jpg`.
  const clean = value.replace(/\p{Cc}+/gu, ' ').replace(/[\u202a-\u202e\u2066-\u2069]/g, '');
  switch (landing) {
    case 'html':
      return escapeSigns(isolate(clean, 'ltr'));
    case 'attribute':
      return escapeSigns(clean);
    case 'address':
      // `javascript:` would be a live link: only what is allowed comes through.
      return isAddress(clean) ? escapeFor('attribute', clean.trim()) : '';
    case 'url':
      return encodeURIComponent(clean.toWellFormed());
    case 'text':
    case 'header':
      return isolate(clean, 'ltr');
  }
}

function escapeSigns(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function isAddress(value: string): boolean {
  return /^\s*(?:https?:\/\/|mailto:)[^\s]/i.test(value);
}

/** Where an offset of an HTML text lands: between tags, in an attribute, or at the start or inside of an address. */
export function landingInHtml(html: string): (offset: number) => Landing {
  return (offset) => {
    const open = html.lastIndexOf('<', offset);
    if (open < html.lastIndexOf('>', offset)) return 'html';
    const before = html.slice(open, offset);
    if (/\s(?:href|src|background)="$/.test(before)) return 'address';
    // A value in a style is encoded too: it must not be able to end its declaration and begin another.
    return /\s(?:href|src|background|style)="[^"]*$/.test(before) ? 'url' : 'attribute';
  };
}

/** Where an offset of a plain text lands: a value inside an address must not end it with a space. */
export function landingInText(text: string): (offset: number) => Landing {
  return (offset) => {
    const before = text.slice(Math.max(0, offset - 2000), offset);
    return /(?:https?:\/\/|mailto:)[^\s<>"]*$/i.test(before) ? 'url' : 'text';
  };
}
