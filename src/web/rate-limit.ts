/**
 * Gives a function that counts a use of `key` at an instant, ms: 0 when it may go on, else how long to wait, and then
 * nothing was counted. At most `most` at once and in any `within` ms on average (GCRA: one number a key). At most `keys`
 * keys are remembered, the longest unused forgotten first, so that a flood from everywhere fills no memory.
 */
export function openRateLimit({
  most,
  within,
  keys = 20_000,
}: {
  readonly most: number;
  readonly within: number;
  readonly keys?: number;
}): (key: string, now: number) => number {
  /** When the allowance of a key will be whole again; in ms times `most`, whole numbers that add up without rounding. */
  const whole = new Map<string, number>();
  return (key, now) => {
    const before = Math.max(whole.get(key) ?? 0, now * most);
    const wait = before + within - (now + within) * most;
    if (wait > 0) return Math.ceil(wait / most);
    whole.delete(key);
    whole.set(key, before + within);
    if (whole.size > keys) whole.delete(whole.keys().next().value!);
    return 0;
  };
}
