import { type Expression, evaluate, parseExpression } from '../expression.ts';
import type { Newsletter } from '../newsletter.ts';
import type { Subscriber } from './audience.ts';

/** Whom a send names: a list, or a part of one. */
export interface Target {
  /** The list: suppressions, links and headers are this one's, whatever part of it is mailed. */
  readonly list: string;
  /** Who of it; null: everybody. */
  readonly where: Expression | null;
  /** As a person is told: `weekly`, or `weekly where plan == "pro"`. */
  readonly words: string;
}

/** The target behind the name of a list or of a segment. Throws for a condition that the configuration let through. */
export function targetOf({ segments }: Newsletter, name: string): Target {
  const segment = Object.hasOwn(segments, name) ? segments[name]! : null;
  const all: Target = { list: segment?.list ?? name, where: null, words: segment?.list ?? name };
  if (segment === null) return all;
  const target = narrow(all, segment.where);
  if ('fault' in target) throw new Error(`segments.${name}: ${target.fault}`);
  return target;
}

/** Those of a target for whom a condition is true too; or what is wrong with it and at which column. */
export function narrow(target: Target, text: string): Target | { readonly fault: string } {
  const when = parseExpression(text);
  if ('fault' in when) return { fault: `${when.fault} (column ${when.offset + 1})` };
  return target.where === null
    ? { ...target, where: when, words: `${target.words} where ${text}` }
    : {
        ...target,
        where: { kind: 'and', left: target.where, right: when },
        words: `${target.words} and (${text})`,
      };
}

/** Does the target take in this subscriber? `email` is a field like the others, unless the list has such a column. */
export function isAmong(where: Expression | null, { address, fields }: Subscriber): boolean {
  return where === null || evaluate(where, { email: address, ...fields });
}
