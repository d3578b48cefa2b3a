import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { App, Rendered } from '../../app.ts';
import type { FoundIssue } from '../../project.ts';
import { digestOfInputs } from './digest-of-inputs.ts';
import { type Compiled, digestOfAnswer } from './render-recorded.ts';

/** Where tools keep what they can make again; `npm ci` empties it. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/broadsheet', import.meta.url));

/** Compiled issues that are kept; each holds its pictures. */
const KEPT = 16;

/**
 * `app.render`, or what it gave before for the same: a dry run of the seed to 1,000 readers takes a fifth of the time.
 * Kept in `folder`, under a digest of what it was made of; pictures are read again each time, and must be as they were,
 * or as missing. Whatever is wrong with what is kept, it is compiled anew.
 */
export async function renderOnce(
  app: App,
  found: FoundIssue,
  compile: (app: App, found: FoundIssue) => Promise<Compiled>,
  folder = CACHE,
): Promise<Rendered> {
  const inputs = await digestOfInputs(app, found);
  const kept = inputs && (await readKept(join(folder, inputs)));
  if (kept && (await hasSamePictures(app, found, kept))) return kept.rendered;
  const compiled = await compile(app, found);
  // Another process compiles what it finds, a second later. To keep it is a help and no need: a full disk stops no sending.
  if (compiled.rendered.email && compiled.inputs !== null && compiled.inputs === inputs)
    await keep(folder, inputs, compiled).catch(() => {});
  return compiled.rendered;
}

/** Null: there is none that can be used. A checksum comes first: what was cut short or turned over must not be mailed. */
async function readKept(file: string): Promise<Compiled | null> {
  try {
    const bytes = await readFile(file);
    const [sum, content] = [bytes.subarray(0, 64), bytes.subarray(64)];
    return sum.toString('latin1') === sha256(content) ? (deserialize(content) as Compiled) : null;
  } catch {
    return null;
  }
}

async function hasSamePictures(app: App, { issue }: FoundIssue, { reads }: Compiled): Promise<boolean> {
  const readAsset = app.project.assetReader(issue!);
  const same = await Promise.all(
    [...reads].map(async ([path, digest]) => digestOfAnswer(await readAsset(path)) === digest),
  );
  return same.every(Boolean);
}

async function keep(folder: string, name: string, compiled: Compiled): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const content = serialize(compiled);
  const staged = join(folder, `${name}.${process.pid}`);
  await writeFile(staged, Buffer.concat([Buffer.from(sha256(content), 'latin1'), content]), { mode: 0o600 });
  await rename(staged, join(folder, name));
  const all = await Promise.all(
    (await readdir(folder)).map(async (one) => {
      const path = join(folder, one);
      return { path, at: (await stat(path)).mtimeMs };
    }),
  );
  const old = all.sort((one, other) => other.at - one.at).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
