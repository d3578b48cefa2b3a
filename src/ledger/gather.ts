import type { Statements } from './database.ts';
import type { GroupCommit } from './group-commit.ts';

/**
 * Gives a function whose calls are answered together: what is asked for before the piece of the first is run goes with it.
 * `answer` gives an answer for each ask, in their order; what it throws is thrown to all. What is gathered apart is run at
 * different instants of a transaction: what must not be overtaken by something else is gathered with it.
 */
export function gather<Ask, Answer>(
  grouped: GroupCommit,
  answer: (tx: Statements, asks: readonly Ask[]) => Promise<readonly Answer[]>,
): (ask: Ask) => Promise<Answer> {
  interface Gathering {
    readonly asks: Ask[];
    readonly answers: Promise<readonly Answer[]>;
  }
  let open: Gathering | null = null;
  const close = (asks: readonly Ask[]) => {
    if (open?.asks === asks) open = null;
  };
  const begin = (): Gathering => {
    const asks: Ask[] = [];
    const answers = grouped((tx) => {
      close(asks);
      return answer(tx, asks);
    });
    // A transaction that could not even begin has not closed it.
    return { asks, answers: answers.finally(() => close(asks)) };
  };
  return async (ask) => {
    open ??= begin();
    const { asks, answers } = open;
    const nth = asks.push(ask) - 1;
    return (await answers)[nth]!;
  };
}
