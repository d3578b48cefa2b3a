import type { Token, Tokens } from 'marked';
import { type Expression, parseExpression } from '../../expression.ts';
import type { ChoiceMark } from './choice-mark.ts';

/** A block for some readers only, with its two branches. */
export interface ChoiceBlock extends Tokens.Generic {
  readonly type: 'choice';
  readonly when: Expression;
  readonly then: readonly Token[];
  readonly otherwise: readonly Token[];
}

/** What renders a choice calls itself for its branches. */
const DEEPEST = 20;

/**
 * Folds the marks `::: if`, `::: else` and `:::` of one container into choices, nested ones too, and so guarantees
 * that each branch is well formed by itself. Faults are reported with the mark that they are about.
 */
export function foldChoices(
  tokens: readonly Token[],
  report: (mark: Token, message: string, hint: string) => void,
): Token[] {
  const root: Token[] = [];
  const open: { mark: ChoiceMark; when: Expression; then: Token[] | null; into: Token[] }[] = [];
  let into = root;
  for (const token of tokens) {
    if (token.type === 'list')
      for (const item of (token as Tokens.List).items) item.tokens = foldChoices(item.tokens, report);
    else if (token.type === 'blockquote')
      token.tokens = foldChoices((token as Tokens.Blockquote).tokens, report);
    if (token.type !== 'choiceMark') {
      into.push(token);
      continue;
    }
    const mark = token as ChoiceMark;
    if (mark.mark === 'if') {
      const when = parseExpression(mark.condition);
      if ('fault' in when) report(mark, `${when.fault}.`, 'Write it like ::: if subscriber.plan == "pro"');
      if (open.length === DEEPEST)
        report(
          mark,
          `More than ${DEEPEST} choices stand one inside another.`,
          'Join their conditions by "and".',
        );
      open.push({ mark, when: 'fault' in when ? { kind: 'literal', value: true } : when, then: null, into });
      into = [];
      continue;
    }
    const choice = open.at(-1);
    if (!choice)
      report(mark, 'There is no "::: if" above that this belongs to.', 'Delete it, or begin the block.');
    else if (mark.mark === 'else') {
      if (choice.then) report(mark, 'A second "::: else" in one block.', 'Delete it.');
      choice.then ??= into;
      into = [];
    } else {
      open.pop();
      const [then, otherwise] = choice.then ? [choice.then, into] : [into, []];
      into = choice.into;
      into.push({ type: 'choice', raw: '', when: choice.when, then, otherwise } satisfies ChoiceBlock);
    }
  }
  for (const choice of open)
    report(choice.mark, 'This block is never closed.', 'End it with a line that holds only ":::".');
  return open.length > 0 ? [...root, ...open.flatMap((choice) => choice.then ?? []), ...into] : root;
}
