/** How well a list covers fields: of `rows` subscribers how many lack each, the first of them on which line. */
export interface Coverage {
  readonly rows: number;
  readonly missing: ReadonlyMap<string, { readonly count: number; readonly firstLine: number }>;
}

/**
 * Counts, row by row, who lacks which of the fields that `uses` name, so that a list can be streamed. A field that is
 * empty is lacking; `email` nobody lacks.
 */
export function openCoverage(uses: readonly { readonly field: string }[]) {
  const fields = new Set(uses.map(({ field }) => field));
  fields.delete('email');
  const missing = new Map<string, { count: number; firstLine: number }>();
  let rows = 0;
  return {
    add(subscriber: { readonly fields: Readonly<Record<string, string>> }, line: number): void {
      rows += 1;
      for (const field of fields) {
        if (Object.hasOwn(subscriber.fields, field) && subscriber.fields[field] !== '') continue;
        const known = missing.get(field);
        missing.set(field, { count: (known?.count ?? 0) + 1, firstLine: known?.firstLine ?? line });
      }
    },
    coverage: (): Coverage => ({ rows, missing }),
  };
}
