import type { Mapping } from '../../audience/import/map-columns.ts';
import type { Terminal } from '../../terminal.ts';
import type { ImportTally } from './plan-import.ts';
import type { Exported } from './read-exports.ts';

/** For a person: what becomes of each column, and of how many readers. */
export function showImport(
  terminal: Terminal,
  exported: Exported,
  tally: ImportTally,
  path: string,
  isNew: boolean,
): void {
  const number = (count: number) => count.toLocaleString('en');
  const row = (name: string, value: string) =>
    terminal.say(`${terminal.paint('dim', name.padEnd(14))} ${value}`.trimEnd());
  terminal.say('');
  let last = '';
  for (const { path: file, mapping } of exported.mappings) {
    row('from', `${file}, ${mapping.service.title}`);
    // The files of one export mostly have the same columns: told once.
    const shape = JSON.stringify(mapping.titles);
    if (shape !== last) for (const [name, value] of describe(mapping, exported)) row(`  ${name}`, value);
    last = shape;
  }
  row('into', `${path}${isNew ? ', a new list' : ''}`);
  row('new', terminal.paint('bold', number(tally.new)));
  row('updated', number(tally.updated));
  row('unchanged', number(tally.unchanged));
  const skipped = Object.entries(tally.skipped);
  row('skipped', number(skipped.reduce((sum, [, count]) => sum + count, 0)));
  for (const [why, count] of skipped) row('', `${number(count)} ${why}`);
  if (exported.broken > 0) {
    const more =
      exported.broken > exported.findings.length
        ? `; the first ${exported.findings.length} are named above`
        : ', see above';
    row('broken', `${number(exported.broken)} cannot be read${more}`);
  }
  const suppressed = Object.entries(tally.suppressed).map(([reason, count]) => `${number(count)} ${reason}`);
  if (suppressed.length > 0) row('suppressed', `${suppressed.join(', ')}: never mailed from here either`);
  terminal.say('');
}

function describe(mapping: Mapping, exported: Exported): [name: string, value: string][] {
  const title = (at: number) => `"${mapping.titles[at]}"`;
  const filled = mapping.fields.filter(({ field }) => exported.fields.has(field));
  const empty = mapping.fields.filter(({ field }) => !exported.fields.has(field));
  const known = new Set(mapping.fields.map(({ field }) => field));
  const inside = [...exported.fields].filter((field) => !known.has(field));
  return [
    ['email', title(mapping.emailAt)],
    ...filled.map(({ field, from, joined }): [string, string] => [
      field,
      from.map(title).join(joined ? ' and ' : ', else '),
    ]),
    ...mapping.json.map((at): [string, string] => [
      title(at),
      inside.length > 0
        ? `JSON: ${inside.slice(0, 12).join(', ')}${inside.length > 12 ? ' …' : ''}`
        : 'JSON, nothing in it',
    ]),
    ...(empty.length > 0 ? [['empty', empty.map(({ field }) => field).join(', ')] as [string, string]] : []),
    ...(mapping.left.length > 0
      ? [['left out', mapping.left.map((at) => mapping.titles[at]).join(', ')] as [string, string]]
      : []),
  ];
}

/** The same for a program. */
export function importData(exported: Exported, tally: ImportTally, path: string, written: boolean) {
  return {
    files: exported.mappings.map(({ path: file, mapping }) => ({
      file,
      service: mapping.service.name,
      email: mapping.titles[mapping.emailAt],
      fields: Object.fromEntries(
        mapping.fields.map(({ field, from }) => [field, from.map((at) => mapping.titles[at])]),
      ),
      json: mapping.json.map((at) => mapping.titles[at]),
      left: mapping.left.map((at) => mapping.titles[at]),
    })),
    list: path,
    rows: exported.rows,
    ...tally,
    broken: exported.broken,
    findings: exported.findings,
    written,
  };
}
