/** Line and column of the key that a fault is about, found in the source text: good enough to click on. */
export function placeOfKey(
  source: string,
  path: readonly string[],
  unknown: readonly string[],
): { line: number; column: number } {
  let from = 0;
  for (const key of [...path, ...unknown.slice(0, 1)]) {
    const found = source.slice(from).search(new RegExp(`['"]?\\b${RegExp.escape(key)}['"]?\\s*:`));
    if (found >= 0) from += found;
  }
  const before = source.slice(0, from);
  return { line: before.split('\n').length, column: from - before.lastIndexOf('\n') };
}
