import type { Condition } from './conditions.ts';
import type { Holes } from './holes.ts';

/** The tokens to stand before and after something that is for some readers only; two empty texts when it is for all. */
export function around(within: Condition, holes: Holes): { readonly before: string; readonly after: string } {
  if (within === null) return { before: '', after: '' };
  const { open, turn, close } = holes.choice(within);
  return { before: open, after: turn + close };
}
