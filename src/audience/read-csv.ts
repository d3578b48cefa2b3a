import { parse } from 'csv-parse/sync';
import { splitRecord } from './split-record.ts';

/** One record: its values, its text as it stands in the file, and the line on which it begins, from 1. */
export interface CsvRecord {
  readonly values: readonly string[];
  readonly text: string;
  readonly delimiter: string;
  readonly line: number;
}

/** What cannot be read as a record; the next one is read all the same. `text`: its first line; null: too long to keep. */
export interface CsvFault {
  readonly fault: string;
  readonly text: string | null;
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
  /** There was more of it than a record can hold. */
  readonly cut: boolean;
}

/** A quoted field may run over so many lines: no more, so that one broken quote cannot swallow the list. */
const LINES = 20;
/** UTF-16 units. A line without an end must not fill the memory. */
const LENGTH = 100_000;

/**
 * Streams the records of a CSV (RFC 4180) in UTF-8, with or without byte-order mark, separated by comma, semicolon or
 * tab, whichever the first line holds most. Empty lines are passed over. A record that does not parse is a fault of
 * its first line alone: the lines below it are read again as records of their own.
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord | CsvFault> {
  const source = lines(chunks);
  let delimiter = '';
  let waiting: Line[] = [];
  let held: Line[] = [];
  for (;;) {
    if (waiting.length === 0) waiting = (await source.next()).value ?? [];
    const line = waiting.shift();
    if (!line && held.length === 0) return;
    if (line && held.length === 0 && line.text.trim() === '') continue;
    if (line) held.push(line);
    if (line && !line.cut && held.length <= LINES && isOpen(held)) continue;
    delimiter ||= mostOf([',', ';', '\t'], held[0]!.text);
    const read = readRecord(held, delimiter);
    yield read;
    if ('fault' in read) waiting = [...held.slice(1), ...waiting];
    held = [];
  }
}

/** The column, from 1, on which a field of a record begins (on its first line). */
export function fieldColumn({ text, delimiter }: CsvRecord, index: number): number {
  let quoted = false;
  let field = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (field === index) return at + 1;
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === delimiter && !quoted) field += 1;
  }
  return field === index ? text.length + 1 : 1;
}

function readRecord(held: readonly Line[], delimiter: string): CsvRecord | CsvFault {
  const line = held[0]!.number;
  if (held.some((one) => one.cut))
    return { fault: `it is longer than ${LENGTH.toLocaleString('en')} characters`, text: null, line };
  const text = held.map((one) => one.text).join('\n');
  const values = splitRecord(text, delimiter);
  if (values) return { values, text, delimiter, line };
  try {
    const [parsed] = parse(text, { delimiter, relax_column_count: true }) as string[][];
    return { values: parsed ?? [], text, delimiter, line };
  } catch (error) {
    const { code } = error as { code?: string };
    const fault =
      code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'a quote is never closed'
        : 'a quote stands inside a field; write it twice, and quote the field';
    return { fault, text: held[0]!.text, line };
  }
}

function isOpen(held: readonly Line[]): boolean {
  return held.reduce((count, { text }) => count + text.split('"').length - 1, 0) % 2 === 1;
}

function mostOf(signs: readonly string[], text: string): string {
  const count = (sign: string) => text.split(sign).length;
  return signs.reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

/** Lines ended by LF, CRLF or CR, a chunk's at a time. */
async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line[], undefined> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = '';
  let skipping = false;
  const split = (text: string, last: boolean): Line[] => {
    // A CR at the end may be half of a CRLF.
    const whole = last ? '' : text.endsWith('\r') ? '\r' : '';
    const parts = text.slice(0, text.length - whole.length).split(/\r\n?|\n/);
    rest = last ? '' : parts.pop()! + whole;
    const found = parts.map((part) => {
      number += 1;
      return { text: part.slice(0, LENGTH), number, cut: part.length > LENGTH };
    });
    if (skipping && found.length > 0) found[0] = { ...found[0]!, cut: true };
    if (found.length > 0) skipping = false;
    if (rest.length > LENGTH) {
      skipping = true;
      rest = rest.slice(0, LENGTH);
    }
    return found;
  };
  for await (const chunk of chunks) {
    const found = split(rest + decoder.decode(chunk, { stream: true }), false);
    if (found.length > 0) yield found;
  }
  yield split(rest + decoder.decode(), true);
}
