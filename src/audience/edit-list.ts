import type { Subscriber } from './audience.ts';
import { cellsRecord, csvRecord, guardCell } from './csv-cell.ts';
import type { CsvFault, CsvRecord } from './read-csv.ts';
import { fieldName, listRecords } from './read-list.ts';

export interface ListEdit {
  /** Fields that changes and new rows bring: each that the list lacks becomes a column at its right. */
  readonly columns: readonly string[];
  /** What becomes of a subscriber: fields to be set, `remove`, or null: the row stays as it is. */
  change(subscriber: Subscriber): Readonly<Record<string, string>> | 'remove' | null;
  /** Who is added at the end; asked for when all rows have been seen. */
  added(): Iterable<Subscriber>;
}

/** A list that cannot be written anew without losing something of it; the message says where and what to do. */
export class UnsafeEdit extends Error {}

/**
 * The text of a list with changes, in pieces. Order, columns and rows that are not changed stay as they are, those that
 * cannot be read too, so that two branches merge; only empty lines go. Null chunks: the list is a new one. Throws
 * UnsafeEdit.
 */
export async function* editList(
  path: string,
  chunks: AsyncIterable<Uint8Array> | null,
  edit: ListEdit,
): AsyncGenerator<string> {
  const seen = { text: '', eol: '\n' };
  let header: readonly string[] = ['email', ...edit.columns];
  let emailAt = 0;
  let delimiter = ',';
  let padding = 0;
  let headed = chunks === null;
  let isEmpty = true;
  if (chunks === null) yield `${csvRecord(header)}\n`;
  else
    for await (const one of listRecords(path, sniffed(chunks, seen))) {
      if ('header' in one) {
        headed = true;
        ({ header, emailAt } = one);
        ({ delimiter } = one.record);
        const missing = edit.columns.filter((name) => !header.includes(fieldName(name)));
        padding = missing.length;
        header = [...header, ...missing];
        yield `${seen.text}${[textOf(path, one.record), ...missing.map(guardCell)].join(delimiter)}${seen.eol}`;
        continue;
      }
      if (one.record.text !== '') isEmpty = false;
      // It is about the header, which is written with its own record.
      if ('finding' in one.row && one.row.finding.rule === 'list-header') continue;
      const text = textOf(path, one.record).replaceAll('\n', seen.eol);
      const change = 'subscriber' in one.row ? edit.change(one.row.subscriber) : null;
      if (change === 'remove') continue;
      if ('fault' in one.record) yield `${text}${seen.eol}`;
      else if (change !== null)
        yield `${cellsRecord(changed(one.record.values, header, change), delimiter)}${seen.eol}`;
      else if (padding > 0)
        yield `${text}${delimiter.repeat(Math.max(header.length - one.record.values.length, 0))}${seen.eol}`;
      else yield `${text}${seen.eol}`;
    }
  if (!headed && isEmpty) yield `${csvRecord(header)}\n`;
  else if (!headed)
    throw new UnsafeEdit(`${path} has no column "email". Begin it with a header such as email,name.`);
  for (const { address, fields } of edit.added()) {
    const values = header.map((name, index) =>
      index === emailAt ? address : (fields[fieldName(name)] ?? ''),
    );
    yield `${csvRecord(values, delimiter)}${seen.eol}`;
  }
}

function changed(
  cells: readonly string[],
  header: readonly string[],
  change: Readonly<Record<string, string>>,
): string[] {
  return header.map((name, index) => {
    const field = fieldName(name);
    return Object.hasOwn(change, field) && header.findIndex((other) => fieldName(other) === field) === index
      ? guardCell(change[field]!)
      : (cells[index] ?? '');
  });
}

/** A record as it stands in the file; a list that was not understood whole is not written anew. */
function textOf(path: string, record: CsvRecord | CsvFault): string {
  const mend = 'Correct it first: the file cannot be written anew without losing it.';
  if (record.text === null) throw new UnsafeEdit(`${path}:${record.line} is too long to be a row. ${mend}`);
  if (record.text.includes('\ufffd')) throw new UnsafeEdit(`${path}:${record.line} is not UTF-8. ${mend}`);
  return record.text;
}

/** Passes the bytes on, and notes of the first what the reader of records leaves out: byte-order mark and line ends. */
async function* sniffed(
  chunks: AsyncIterable<Uint8Array>,
  seen: { text: string; eol: string },
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let start: string | null = '';
  for await (const chunk of chunks) {
    if (start !== null) {
      start += decoder.decode(chunk, { stream: true });
      if (start.startsWith('\ufeff')) seen.text = '\ufeff';
      // A CR at the end may be half of a CRLF.
      const eol = /\r\n|\n|\r(?=.)/s.exec(start)?.[0];
      seen.eol = eol ?? seen.eol;
      // A line without an end must not fill the memory.
      if (eol !== undefined || start.length > 100_000) start = null;
    }
    yield chunk;
  }
}
