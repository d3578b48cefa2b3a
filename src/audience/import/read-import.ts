import type { Finding } from '../../finding.ts';
import type { Subscriber } from '../audience.ts';
import { readCell } from '../csv-cell.ts';
import { normaliseAddress } from '../normalise-address.ts';
import { type CsvRecord, fieldColumn, readCsv } from '../read-csv.ts';
import { fieldName } from '../read-list.ts';
import { type Mapping, mapColumns } from './map-columns.ts';
import type { Service, Standing } from './service.ts';

/** What an export holds: first the mapping of its columns, then its rows. */
export type ImportRow =
  | { readonly mapping: Mapping }
  | { readonly subscriber: Subscriber; readonly standing: Standing; readonly line: number }
  | { readonly finding: Finding };

export interface ImportOptions {
  /** Null: recognised by the columns. */
  readonly service: Service | null;
  /** Column → field, or '' to leave it behind. */
  readonly wishes: ReadonlyMap<string, string>;
}

const MEND = 'The row is passed over.';

/**
 * Streams the export of a service, or any CSV. `path` is how findings name it. A row that cannot be read is a finding and
 * costs no other; a file without addresses is one finding.
 */
export async function* readImport(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { service, wishes }: ImportOptions,
): AsyncGenerator<ImportRow> {
  const start: { bytes: Uint8Array } = { bytes: new Uint8Array() };
  const file = path.split(/[/\\]/).at(-1)!.toLowerCase();
  const finding = (rule: string, line: number, column: number, message: string, hint: string) => ({
    finding: { rule, severity: 'error', path, line, column, message, hint } satisfies Finding,
  });
  let mapping: Mapping | null = null;
  for await (const record of readCsv(remembered(chunks, start))) {
    const { line } = record;
    if (mapping === null) {
      const other = notCsv(start.bytes);
      if (other) return yield finding('list-header', 1, 1, other.message, other.hint);
    }
    if ('fault' in record) {
      yield finding('list-row', line, 1, `The row cannot be read: ${record.fault}.`, MEND);
      continue;
    }
    if (mapping === null) {
      const mapped = mapColumns(record.values, service, wishes);
      if ('fault' in mapped) return yield finding('list-header', line, 1, mapped.fault, mapped.hint);
      mapping = mapped;
      yield { mapping };
      continue;
    }
    const values = record.values.map((value) => readCell(value.trim()));
    const fault = rowFault(record, values, mapping);
    if (fault) {
      yield finding('list-row', line, fieldColumn(record, fault.at), fault.message, MEND);
      continue;
    }
    const address = normaliseAddress(values[mapping.emailAt] ?? '');
    if ('fault' in address) {
      const written = values[mapping.emailAt]?.slice(0, 80) ?? '';
      const message = `"${written}" is no address: ${address.fault}.`;
      yield finding('list-row', line, fieldColumn(record, mapping.emailAt), message, MEND);
      continue;
    }
    const { columns } = mapping;
    // A column that somebody wants as a field is not asked about the standing.
    const cell = (column: string) => (wishes.has(column) ? '' : (values[columns.indexOf(column)] ?? ''));
    const subscriber = { ...address, fields: fieldsOf(values, mapping) };
    yield { subscriber, standing: mapping.service.standing(cell, file), line };
  }
  if (mapping === null) yield finding('list-header', 1, 1, 'The file is empty.', 'Export it again.');
}

function rowFault(
  { values: { length } }: CsvRecord,
  values: readonly string[],
  { titles }: Mapping,
): { readonly at: number; readonly message: string } | null {
  const extra = values.findIndex((value, at) => at >= titles.length && value !== '');
  if (extra >= 0) return { at: extra, message: `The row has ${length} fields, the header ${titles.length}.` };
  const garbled = values.findIndex((value) => value.includes('\ufffd'));
  return garbled < 0 ? null : { at: garbled, message: `"${titles[garbled]}" is not UTF-8.` };
}

function fieldsOf(values: readonly string[], { fields, json }: Mapping): Record<string, string> {
  const found = new Map<string, string>();
  for (const { field, from, joined } of fields) {
    const given = from.map((at) => clean(values[at] ?? '')).filter((value) => value !== '');
    found.set(field, shaped(field, joined ? given.join(' ') : (given[0] ?? '')));
  }
  for (const at of json)
    for (const [key, value] of entriesOf(values[at] ?? '')) if (!found.get(key)) found.set(key, value);
  return Object.fromEntries(found);
}

/** Line breaks of notes become spaces: in a list they would break the row, and in a header the message. */
function clean(value: string): string {
  return value
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .normalize('NFC');
}

/** Days as conditions compare them, and tags without the quotes and brackets of each service. */
function shaped(field: string, value: string): string {
  if (field === 'joined') return /^(\d{4}-\d\d-\d\d)[T ]/.exec(value)?.[1] ?? value;
  if (field !== 'tags' || !/^["[]/.test(value)) return value;
  const tags = value.replace(/^\[|\]$/g, '').split(',');
  return tags.map((tag) => tag.replace(/^[\s"']+|[\s"']+$/g, '')).join(', ');
}

/** The texts, numbers and truths of a JSON object; nothing of what is none, or lies deeper. */
function entriesOf(text: string): [string, string][] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  return Object.entries(data)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, 100)
    .map(([key, value]) => [fieldName(key), clean(String(value))]);
}

/** What people hand over instead of a CSV. */
function notCsv(bytes: Uint8Array): { readonly message: string; readonly hint: string } | null {
  const [a, b] = bytes;
  if (a === 0x50 && b === 0x4b)
    return {
      message: 'This is a ZIP or a spreadsheet, no CSV.',
      hint: 'Unpack it, or save it as CSV (UTF-8).',
    };
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
    return { message: 'This is UTF-16.', hint: 'Save it as CSV (UTF-8).' };
  return null;
}

async function* remembered(
  chunks: AsyncIterable<Uint8Array>,
  start: { bytes: Uint8Array },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (start.bytes.length === 0) start.bytes = chunk.subarray(0, 4);
    yield chunk;
  }
}
