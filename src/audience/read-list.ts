import { parse } from 'csv-parse/sync';
import type { Finding } from '../finding.ts';
import type { ListRow } from './audience.ts';
import { normaliseAddress } from './normalise-address.ts';

/**
 * Streams a list: CSV with a header (`email`, `name`, any fields), separated by commas, semicolons or tabs, in UTF-8
 * with or without a byte-order mark. `path` is how findings name it. A bad row is a finding and never stops the rest;
 * a header without `email` is one finding and no rows.
 */
export async function* readList(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ListRow> {
  const finding = (line: number, message: string, hint: string): { finding: Finding } => ({
    finding: { rule: 'list-row', severity: 'error', path, line, column: 1, message, hint },
  });
  let header: string[] | null = null;
  let emailAt = -1;
  for await (const item of records(chunks)) {
    if ('fault' in item) {
      yield finding(item.line, `The row cannot be read: ${item.fault}.`, 'Check its quotes.');
      continue;
    }
    const { record, line } = item;
    if (header === null) {
      header = record.map((name) => name.trim().toLowerCase());
      emailAt = header.findIndex((name) => ['email', 'e-mail', 'address', 'email address'].includes(name));
      if (emailAt < 0) {
        yield finding(
          line,
          'The list has no column "email".',
          'Begin the file with a header such as email,name.',
        );
        return;
      }
      continue;
    }
    const fault = rowFault(record, header);
    const address = normaliseAddress(record[emailAt] ?? '');
    if (fault) yield finding(line, fault, 'Correct or delete the row.');
    else if ('fault' in address)
      yield finding(
        line,
        `"${printable(record[emailAt] ?? '')}" is no address: ${address.fault}.`,
        'Correct or delete the row.',
      );
    else yield { subscriber: { ...address, fields: fieldsOf(record, header, emailAt) }, line };
  }
}

function rowFault(record: string[], header: string[]): string | null {
  if (record.length > header.length)
    return `The row has ${record.length} fields, the header ${header.length}`;
  const bad = record.findIndex((value) => /[\p{Cc}]/u.test(value.trim()));
  return bad < 0 ? null : `The field "${header[bad]}" holds a line break or a control character.`;
}

function fieldsOf(record: string[], header: string[], emailAt: number): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  header.forEach((name, index) => {
    if (index !== emailAt && name !== '') fields[name] = (record[index] ?? '').trim().normalize('NFC');
  });
  return { ...fields };
}

/**
 * Records with the line on which each begins. A physical line with an odd number of quotes begins a quoted field of
 * several lines; at most 20, so that one broken quote cannot swallow the list.
 */
async function* records(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  let delimiter = '';
  let held: string[] = [];
  let number = 0;
  for await (const raw of lines(chunks)) {
    number += 1;
    const text = number === 1 ? raw.replace(/^\ufeff/, '') : raw;
    if (delimiter === '') delimiter = [',', ';', '\t'].find((sign) => text.includes(sign)) ?? ',';
    held.push(text);
    if (held.length === 1 && text.trim() === '') held = [];
    else if (quotesClosed(held)) {
      yield parseRecord(held.join('\n'), delimiter, number - held.length + 1);
      held = [];
    } else if (held.length > 20) {
      yield { fault: 'a quote is never closed', line: number - held.length + 1 };
      for (const [index, line] of held.slice(1).entries())
        if (line.trim() !== '') yield parseRecord(line, delimiter, number - held.length + 2 + index);
      held = [];
    }
  }
  for (const [index, line] of held.entries())
    if (index === 0) yield { fault: 'a quote is never closed', line: number - held.length + 1 };
    else if (line.trim() !== '') yield parseRecord(line, delimiter, number - held.length + 1 + index);
}

function quotesClosed(held: string[]): boolean {
  return held.reduce((count, line) => count + line.split('"').length - 1, 0) % 2 === 0;
}

type CsvRecord =
  | { readonly record: string[]; readonly line: number }
  | { readonly fault: string; readonly line: number };

function parseRecord(text: string, delimiter: string, line: number): CsvRecord {
  if (!text.includes('"')) return { record: text.split(delimiter), line };
  try {
    const rows: string[][] = parse(text, { delimiter, relax_column_count: true });
    return { record: rows[0] ?? [], line };
  } catch (error) {
    return {
      fault: String((error as Error).message)
        .split('\n')[0]!
        .slice(0, 120),
      line,
    };
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop()!;
    for (const part of parts) yield part.endsWith('\r') ? part.slice(0, -1) : part;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd').slice(0, 80);
}
