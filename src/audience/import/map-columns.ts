import { fieldName } from '../read-list.ts';
import { buttondown } from './buttondown.ts';
import { ghost } from './ghost.ts';
import { listmonk } from './listmonk.ts';
import { mailchimp } from './mailchimp.ts';
import { plainCsv } from './plain-csv.ts';
import type { Service } from './service.ts';
import { substack } from './substack.ts';

/** The first that recognises a file's columns is taken, so the one that takes everything stands last. */
export const SERVICES: readonly Service[] = [mailchimp, substack, ghost, buttondown, listmonk, plainCsv];

/** What becomes of the columns of one file: shown before anything is written. */
export interface Mapping {
  readonly service: Service;
  /** The columns as named in the file, and as fields are written. */
  readonly titles: readonly string[];
  readonly columns: readonly string[];
  readonly emailAt: number;
  /** Fields, each with the places of its columns. The first that is not empty counts, or all of them, joined by a space. */
  readonly fields: readonly {
    readonly field: string;
    readonly from: readonly number[];
    readonly joined: boolean;
  }[];
  /** Places of columns that hold JSON objects, whose keys are fields too. */
  readonly json: readonly number[];
  /** Places of columns that are left behind. */
  readonly left: readonly number[];
}

/**
 * Maps a file's columns to fields: as its service (given, or recognised) has it, and as `wishes` overrule it, which name
 * a field for a column, or '' to leave it behind. Gives what is wrong when no column holds addresses.
 */
export function mapColumns(
  titles: readonly string[],
  service: Service | null,
  wishes: ReadonlyMap<string, string>,
): Mapping | { readonly fault: string; readonly hint: string } {
  const columns = titles.map(fieldName);
  const strange = [...wishes.keys()].find((column) => !columns.includes(column));
  if (strange !== undefined)
    return { fault: `There is no column "${strange}" to map.`, hint: `There are: ${columns.join(', ')}.` };
  const chosen = service ?? SERVICES.find((one) => one.recognises(new Set(columns)))!;
  const wanted = columns.findIndex((column) => wishes.get(column) === 'email');
  const emailAt = wanted >= 0 ? wanted : columns.findIndex((column) => chosen.email.includes(column));
  if (emailAt < 0)
    return {
      fault: 'No column holds addresses.',
      hint: `Name it: --map COLUMN=email. There are: ${titles.map((title) => `"${title}"`).join(', ')}.`,
    };
  const fields = new Map<string, number[]>();
  const json: number[] = [];
  const left: number[] = [];
  const order = Object.keys(chosen.renamed);
  // A field that two columns give has the one first that its service prefers.
  const places = columns
    .map((column, at) => ({ column, at }))
    .sort((a, b) => order.indexOf(a.column) - order.indexOf(b.column) || a.at - b.at);
  for (const { column, at } of places) {
    if (at === emailAt || column === '') continue;
    const wish = wishes.get(column);
    const field = wish ?? chosen.renamed[column] ?? column;
    if (wish === undefined && chosen.json.includes(column)) json.push(at);
    else if (wish === '' || (wish === undefined && chosen.left.includes(column))) left.push(at);
    else fields.set(field, [...(fields.get(field) ?? []), at]);
  }
  const names = ['first_name', 'last_name'].map((column) => columns.indexOf(column)).filter((at) => at >= 0);
  if (!fields.has('name') && names.length > 0) fields.set('name', names);
  // A name that is put together stands before its parts.
  const inOrder = [...fields].sort(([field, [a]], [, [b]]) => a! - b! || (field === 'name' ? -1 : 1));
  return {
    service: chosen,
    titles,
    columns,
    emailAt,
    fields: inOrder.map(([field, from]) => ({ field, from, joined: field === 'name' && from === names })),
    json,
    left,
  };
}
