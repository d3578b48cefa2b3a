/** The names nearest to what somebody typed, at most three, by edit distance. */
export function nearest(typed: string, names: readonly string[]): string[] {
  const short = typed.slice(0, 100);
  return names
    .map((name) => ({ name, far: name.includes(short) ? 0 : distance(short, name.slice(0, 100)) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein's: letters added, taken away or changed. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1)
      row[j] = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    above = row;
  }
  return above[b.length]!;
}
