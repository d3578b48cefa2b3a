/** What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"), the full-width signs among them. */
const FORMULA = '[=+\\-@\\t\\r\uff1d\uff0b\uff0d\uff20]';
/** A cell begins at its start, and at a `;` where a spreadsheet is set to split by that: then quotes are no help. */
const UNGUARDED = new RegExp(`(^|;)([^\\S\\t\\r]*)('*)(?=${FORMULA})`, 'g');
const GUARDED = new RegExp(`(^|;)([^\\S\\t\\r]*)'('*)(?=${FORMULA})`, 'g');
const NUMBER = /^[+-]?\d+(?:[.,]\d+)*$/;

/**
 * A value as a cell that no spreadsheet runs: an apostrophe stands before what would begin a formula, and one more where
 * one stands already, so that `readCell` gives the same value back. A plain number such as -5 needs none.
 */
export function guardCell(value: string): string {
  return NUMBER.test(value) ? value : value.replace(UNGUARDED, "$1$2$3'");
}

/** The value of a cell, without our guard. */
export function readCell(cell: string): string {
  return cell.includes("'") ? cell.replace(GUARDED, '$1$2$3') : cell;
}

/** A record of a CSV (RFC 4180), guarded, without the line's end. */
export function csvRecord(values: readonly string[], delimiter = ','): string {
  return cellsRecord(values.map(guardCell), delimiter);
}

/** The same of cells that are guarded, or left as their author wrote them. */
export function cellsRecord(cells: readonly string[], delimiter: string): string {
  return cells.map((cell) => quote(cell, delimiter)).join(delimiter);
}

function quote(cell: string, delimiter: string): string {
  return /["\r\n]/.test(cell) || cell.includes(delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
