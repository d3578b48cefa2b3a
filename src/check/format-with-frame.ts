import type { Finding } from '../finding.ts';

/** Colours text for a terminal, or gives it back as it is. */
export type Paint = (style: 'bold' | 'dim' | 'red' | 'yellow' | 'cyan', text: string) => string;

const STYLES = { error: 'red', warning: 'yellow', advice: 'cyan' } as const;
const WIDTH = 100;

/**
 * A finding for a person: place, severity, message and rule; the line of `source` (the file's text, or null when it
 * cannot be read) with a caret under the column; the hint. Several lines, without a line end at the last.
 */
export function formatWithFrame(finding: Finding, source: string | null, paint: Paint): string {
  const { path, line, column, severity, message, hint, rule } = finding;
  const place = paint('bold', printable(`${path}:${line}:${column}`));
  const head = `${place} ${paint(STYLES[severity], severity)} ${printable(message)} ${paint('dim', `(${printable(rule)})`)}`;
  return [head, ...frame(source, line, column, paint), ...(hint ? [`  ${printable(hint)}`] : [])].join('\n');
}

function frame(source: string | null, line: number, column: number, paint: Paint): string[] {
  const text = source?.split(/\r\n|\r|\n/)[line - 1];
  if (text === undefined || text.trim() === '') return [];
  const start = Math.max(0, Math.min(column - 1 - WIDTH * 0.6, text.length - WIDTH)) | 0;
  const shown = printable(text.slice(start, start + WIDTH).toWellFormed());
  const before = printable(text.slice(start, Math.max(start, column - 1)).toWellFormed());
  const gutter = `${line} | `;
  const [left, right] = [start > 0 ? '…' : '', start + WIDTH < text.length ? '…' : ''];
  const indent = ' '.repeat(gutter.length + left.length + columns(before));
  return [`  ${paint('dim', gutter)}${left}${shown}${right}`, `  ${indent}${paint('red', '^')}`];
}

/** A tab is two columns here and there; escape sequences in an author's file must not drive the terminal. */
function printable(text: string): string {
  return text.replaceAll('\t', '  ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** Columns on a terminal, near enough: East Asian wide characters and emoji take two, combining marks none. */
function columns(text: string): number {
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(text))
    count +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\p{Emoji_Presentation}]/u.test(
        segment,
      )
        ? 2
        : 1;
  return count;
}
