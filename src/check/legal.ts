import type { Stencil } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import { found } from './found.ts';
import type { Material } from './material.ts';

/**
 * Every reader's mail must let them leave, in both parts (15 U.S.C. §7704(a)(5); Google's and Yahoo's sender rules ask
 * for a visible link). The template makes the link; one that lost it is reported here.
 */
export function checkLegal({ email, atKey }: Material): Finding[] {
  return (['html', 'text'] as const)
    .filter((part) => !always(email[part], 'links.unsubscribe'))
    .map((part) =>
      found(
        'unsubscribe-link',
        atKey('template', 'title'),
        `The ${part === 'html' ? 'HTML' : 'plain-text'} part has no unsubscribe link for every reader.`,
        'Put {{links.unsubscribe}} into the template, outside choices.',
      ),
    );
}

/** Is the hole in the stencil for every reader? In a choice it must stand in both branches. */
function always(stencil: Stencil, name: string): boolean {
  return stencil.some((piece) => {
    if (typeof piece === 'string') return false;
    if (piece.kind === 'field') return piece.name === name;
    return always(piece.then, name) && always(piece.otherwise, name);
  });
}
