import type { Finding } from '../finding.ts';
import type { ListRow } from './audience.ts';
import { readCell } from './csv-cell.ts';
import { normaliseAddress } from './normalise-address.ts';
import { type CsvFault, type CsvRecord, fieldColumn, readCsv } from './read-csv.ts';

/** How lists name the column of addresses. */
export const EMAIL = ['email', 'e-mail', 'address', 'email_address'];
const MEND = 'Correct or delete the row.';

/** A record of a list: its header, or a row with what it says; a fault may stand before the header. */
export type ListRecord =
  | { readonly header: readonly string[]; readonly emailAt: number; readonly record: CsvRecord }
  | { readonly row: ListRow; readonly record: CsvRecord | CsvFault };

/**
 * Streams a list: CSV with a header (`email`, `name`, any fields), separated by commas, semicolons or tabs, in UTF-8
 * with or without a byte-order mark. `path` is how findings name it. A bad row is a finding and never stops the rest;
 * a list without a column `email` is one finding and no rows.
 */
export async function* readList(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ListRow> {
  for await (const one of listRecords(path, chunks)) if ('row' in one) yield one.row;
}

/** The same with the records as they stand in the file, for who writes it anew. */
export async function* listRecords(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ListRecord> {
  const finding = (rule: string, line: number, column: number, message: string, hint: string) => ({
    finding: { rule, severity: 'error', path, line, column, message, hint } satisfies Finding,
  });
  let header: readonly string[] | null = null;
  let emailAt = -1;
  let last: CsvRecord | CsvFault = { fault: '', text: '', line: 1 };
  for await (const record of readCsv(chunks)) {
    const { line } = record;
    last = record;
    if ('fault' in record) {
      const row = finding('list-row', line, 1, `The row cannot be read: ${record.fault}.`, MEND);
      yield { row, record };
      continue;
    }
    if (header === null) {
      header = record.values.map(fieldName);
      emailAt = header.findIndex((name) => EMAIL.includes(name));
      const twice = header.findIndex((name, index) => name !== '' && header!.indexOf(name) < index);
      if (twice >= 0) {
        const row = finding(
          'list-header',
          line,
          fieldColumn(record, twice),
          `The column "${header[twice]}" stands twice; the first counts.`,
          'Rename or delete one.',
        );
        yield { row, record };
      }
      if (emailAt >= 0) {
        yield { header, emailAt, record };
        continue;
      }
      const hint = 'Begin the file with a header such as email,name.';
      return yield { row: finding('list-header', line, 1, 'The list has no column "email".', hint), record };
    }
    const fault = rowFault(record, header);
    const address = normaliseAddress(readCell(record.values[emailAt] ?? ''));
    let row: ListRow;
    if (fault) row = finding('list-row', line, fieldColumn(record, fault.index), fault.message, MEND);
    else if ('fault' in address)
      row = finding(
        'list-row',
        line,
        fieldColumn(record, emailAt),
        `"${record.values[emailAt]?.slice(0, 80) ?? ''}" is no address: ${address.fault}.`,
        MEND,
      );
    else row = { subscriber: { ...address, fields: fieldsOf(record, header, emailAt) }, line };
    yield { row, record };
  }
  if (header === null) {
    const hint = 'Begin it with a header such as email,name.';
    yield { row: finding('list-header', 1, 1, 'The list is empty.', hint), record: last };
  }
}

/** As merge fields and conditions name it: `First Name` is `subscriber.first_name`. */
export function fieldName(title: string): string {
  return title
    .trim()
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_-]+/gu, '_')
    .slice(0, 64);
}

function rowFault(
  record: CsvRecord,
  header: readonly string[],
): { readonly index: number; readonly message: string } | null {
  const { values, text, line } = record;
  const extra = values.findIndex((value, index) => index >= header.length && value.trim() !== '');
  if (extra >= 0)
    return { index: extra, message: `The row has ${values.length} fields, the header ${header.length}.` };
  // CR, LF and NUL in a name are how headers are injected.
  const bad = values.findIndex((value) => /\p{Cc}/u.test(value.trim()));
  if (bad >= 0) {
    const breaks = text.split('\n').length - 1;
    const where = breaks > 0 ? ` (lines ${line} to ${line + breaks} are one row)` : '';
    return { index: bad, message: `"${header[bad]}" holds a line break or a control character${where}.` };
  }
  const garbled = values.findIndex((value) => value.includes('\ufffd'));
  return garbled < 0 ? null : { index: garbled, message: `"${header[garbled]}" is not UTF-8.` };
}

function fieldsOf(record: CsvRecord, header: readonly string[], emailAt: number): Record<string, string> {
  const fields = new Map<string, string>();
  header.forEach((name, index) => {
    if (index === emailAt || name === '' || fields.has(name)) return;
    fields.set(name, readCell((record.values[index] ?? '').trim()).normalize('NFC'));
  });
  return Object.fromEntries(fields);
}
