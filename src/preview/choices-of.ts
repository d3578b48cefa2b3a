import type { Choice, Email, Stencil } from '../email/email.ts';
import type { Expression } from '../expression.ts';

/** A choice of an issue, for the switch that decides it. */
export interface ShownChoice {
  readonly label: string;
  readonly when: Expression;
}

/** The different conditions in a mail, in their order. */
export function choicesOf(email: Email): ShownChoice[] {
  const found = new Map<string, ShownChoice>();
  const collect = (stencil: Stencil): void => {
    for (const piece of stencil) {
      if (typeof piece === 'string' || piece.kind !== 'choice') continue;
      const label = written(piece.when);
      if (!found.has(label)) found.set(label, { label, when: piece.when });
      collect(piece.then);
      collect(piece.otherwise);
    }
  };
  for (const stencil of [email.subject, email.preheader, email.html, email.text]) collect(stencil);
  return [...found.values()];
}

/** A stencil in which the choices named by `decided` (`0.then,1.else`, by their order) are made by hand. */
export function decide(stencil: Stencil, choices: readonly ShownChoice[], decided: string): Stencil {
  const wanted = new Map(
    [...decided.matchAll(/(\d+)\.(then|else)/g)].flatMap(([, index, branch]) => {
      const choice = choices[Number(index)];
      return choice ? [[choice.label, branch === 'then'] as const] : [];
    }),
  );
  if (wanted.size === 0) return stencil;
  const walk = (pieces: Stencil): Stencil =>
    pieces.flatMap((piece): Stencil => {
      if (typeof piece === 'string' || piece.kind === 'field') return [piece];
      const taken = wanted.get(written(piece.when));
      const open: Choice = { ...piece, then: walk(piece.then), otherwise: walk(piece.otherwise) };
      return taken === undefined ? [open] : taken ? open.then : open.otherwise;
    });
  return walk(stencil);
}

/** A condition in the words of the author's language. */
function written(expression: Expression): string {
  switch (expression.kind) {
    case 'field':
      return expression.name;
    case 'literal':
      return typeof expression.value === 'string' ? `"${expression.value}"` : String(expression.value);
    case 'not':
      return `not (${written(expression.of)})`;
    case 'and':
    case 'or':
      return `(${written(expression.left)} ${expression.kind} ${written(expression.right)})`;
    case 'compare':
      return `${written(expression.left)} ${expression.operator} ${written(expression.right)}`;
  }
}
