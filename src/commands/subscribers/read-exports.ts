import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Mapping } from '../../audience/import/map-columns.ts';
import { type ImportOptions, readImport } from '../../audience/import/read-import.ts';
import type { Standing } from '../../audience/import/service.ts';
import type { Context } from '../../cli.ts';
import type { Finding } from '../../finding.ts';
import type { Scratch } from '../../ledger/open-scratch.ts';
import { openProgress } from './open-progress.ts';

/** What is kept of a reader until all files are read: address, fields, standing. */
export type Kept = readonly [address: string, fields: Readonly<Record<string, string>>, standing: Standing];

export interface Exported {
  readonly mappings: { readonly path: string; readonly mapping: Mapping }[];
  rows: number;
  /** Rows of a reader who came before. */
  twice: number;
  /** The first of the rows that cannot be read. */
  readonly findings: Finding[];
  broken: number;
  /** A file of which nothing can be read: nothing is imported. */
  unreadable: boolean;
  /** Fields that somebody has, in the order of the columns. */
  readonly fields: Set<string>;
}

/** So many broken rows are told of one by one; a column of the wrong kind would fill the screen. */
const SHOWN = 20;
/** Who is not to be mailed by one row is not mailed, whatever another says. */
const STRICTNESS = { subscribed: 0, skipped: 1, suppressed: 2 } as const;

/** Reads exports to their end into `scratch`, a reader once. */
export async function readExports(
  { app, terminal }: Context,
  files: readonly string[],
  options: ImportOptions & { readonly quiet: boolean },
  scratch: Scratch,
): Promise<Exported> {
  const exported: Exported = {
    mappings: [],
    rows: 0,
    twice: 0,
    findings: [],
    broken: 0,
    unreadable: false,
    fields: new Set(),
  };
  const paths = files.map((file) => ({ file, path: resolve(app.config.root, file) }));
  const sizes = await Promise.all(paths.map(async ({ path }) => (await stat(path)).size));
  const progress = openProgress(
    terminal,
    sizes.reduce((sum, size) => sum + size, 0),
    options.quiet,
  );
  try {
    for (const { file, path } of paths) {
      const own = new Set<string>();
      let mapped = false;
      for await (const row of readImport(file, progress.through(createReadStream(path)), options)) {
        if ('mapping' in row) {
          mapped = true;
          exported.mappings.push({ path: file, mapping: row.mapping });
          continue;
        }
        progress.row();
        exported.rows += 1;
        if ('finding' in row) {
          exported.broken += 1;
          if (exported.findings.length < SHOWN) exported.findings.push(row.finding);
        } else keep(row, scratch, exported, own);
      }
      exported.unreadable ||= !mapped;
      // In the order of the columns, whichever row had a value first.
      const last = exported.mappings.at(-1);
      for (const { field } of (mapped && last?.mapping.fields) || [])
        if (own.has(field)) exported.fields.add(field);
      for (const field of own) exported.fields.add(field);
    }
  } finally {
    progress.close();
  }
  return exported;
}

function keep(
  {
    subscriber,
    standing,
  }: { subscriber: { key: string; address: string; fields: Kept[1] }; standing: Standing },
  scratch: Scratch,
  exported: Exported,
  fields: Set<string>,
): void {
  const { key, address, fields: own } = subscriber;
  const before = scratch.get(key);
  if (before !== null) {
    exported.twice += 1;
    const [, , known] = JSON.parse(before) as Kept;
    if (STRICTNESS[known.kind] >= STRICTNESS[standing.kind]) return;
  }
  if (standing.kind === 'subscribed') for (const field in own) if (own[field] !== '') fields.add(field);
  scratch.set(key, JSON.stringify([address, own, standing] satisfies Kept));
}
