/** More than any real front matter holds. A bound, because a few YAML aliases can stand for billions of values. */
const LIMIT = 10_000;
const DEPTH = 30;

/**
 * What YAML or TOML gave, as plain JSON values: dates as text (as `written` at the top level: a date that YAML reads
 * as UTC may have been written without a zone), text without lone surrogates, no prototypes, no cycles. Throws an
 * Error when it holds too much.
 */
export function plainData(data: object, written: Readonly<Record<string, string>>): Record<string, unknown> {
  let left = LIMIT;
  const plain = (value: unknown, depth: number): unknown => {
    left -= 1;
    if (left < 0 || depth > DEPTH) throw new Error('The front matter holds too many values');
    if (typeof value === 'string') return value.toWellFormed();
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value === 'bigint') return String(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return null;
    return entries(value, depth + 1);
  };
  const entries = (value: object, depth: number) =>
    Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== '__proto__')
        .map(([key, item]) => {
          const text = depth === 0 && item instanceof Date ? written[key] : undefined;
          return [key.toWellFormed(), text !== undefined && /^\d/.test(text) ? text : plain(item, depth)];
        }),
    );
  return entries(data, 0);
}
