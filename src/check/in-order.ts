import type { Finding } from '../finding.ts';

/** Sorts findings by path, line, column and rule, and drops repeated ones (same rule, place and message). */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const once = new Map(
    findings.map((one) => [[one.path, one.line, one.column, one.rule, one.message].join('\n'), one]),
  );
  return [...once.values()].sort(
    (one, other) =>
      compare(one.path, other.path) ||
      one.line - other.line ||
      one.column - other.column ||
      compare(one.rule, other.rule),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
