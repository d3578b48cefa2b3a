import type { Email, Stencil } from '../email/email.ts';
import type { Issue } from '../issue/issue.ts';
import type { Newsletter } from '../newsletter.ts';
import type { Place } from './found.ts';
import { proseOf } from './prose.ts';

/** What every family of rules looks at. */
export interface Material {
  readonly issue: Issue;
  readonly email: Email;
  readonly newsletter: Newsletter;
  /** The HTML part in its largest reading: the longer branch of each choice, fallbacks in the holes. */
  readonly html: string;
  /** The plain-text part, read the same way. */
  readonly text: string;
  /** The issue's body with code and comments blanked, offsets kept. */
  readonly prose: string;
  /** The place in the file of an offset in the body. */
  at(offset: number): Place;
  /** The place of the first of these front matter keys that is there; else the file's first line. */
  atKey(...keys: string[]): Place;
}

/** Lays out the material of one compiled issue, so that each family reads it and none prepares it. */
export function gather(issue: Issue, email: Email, newsletter: Newsletter): Material {
  const starts = [0, ...[...issue.body.matchAll(/\n/g)].map((match) => match.index + 1)];
  return {
    issue,
    email,
    newsletter,
    html: longest(email.html),
    text: longest(email.text),
    prose: proseOf(issue.body),
    at(offset) {
      const above = starts.findLastIndex((start) => start <= offset);
      return { path: issue.path, line: issue.bodyLine + above, column: offset - starts[above]! + 1 };
    },
    atKey(...keys) {
      const key = keys.find((name) => Object.hasOwn(issue.keys, name));
      return { path: issue.path, ...(key ? issue.keys[key]! : { line: 1, column: 1 }) };
    },
  };
}

/** A stencil as its longest reading: what size limits must hold for. */
export function longest(stencil: Stencil): string {
  return stencil
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if (piece.kind === 'field') return piece.fallback ?? '';
      const [then, otherwise] = [longest(piece.then), longest(piece.otherwise)];
      return then.length >= otherwise.length ? then : otherwise;
    })
    .join('');
}
