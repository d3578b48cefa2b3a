import type { Expression } from '../expression.ts';

/** For whom something is; null: for all. */
export type Condition = Expression | null;

/** What holds where both do. */
export function both(outer: Condition, when: Expression): Expression {
  return outer === null ? when : { kind: 'and', left: outer, right: when };
}

export function not(when: Expression): Expression {
  return { kind: 'not', of: when };
}

/** What holds where any of them does; for none of them: for all. */
export function anyOf(conditions: readonly Condition[]): Condition {
  let all: Condition = null;
  for (const condition of conditions) {
    if (condition === null) return null;
    all = all === null ? condition : { kind: 'or', left: all, right: condition };
  }
  return all;
}
