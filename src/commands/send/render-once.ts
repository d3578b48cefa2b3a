import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { App, Rendered } from '../../app.ts';
import type { FoundIssue } from '../../project.ts';
import { type Compiled, digestOfAnswer } from './render-recorded.ts';

const SRC = fileURLToPath(new URL('../../', import.meta.url));

/** Where tools keep what they can make again; `npm ci` empties it. */
const CACHE = join(SRC, '../node_modules/.cache/broadsheet');

/** Compiled issues that are kept; each holds its pictures. */
const KEPT = 16;

/**
 * `app.render`, or what it gave before for the same: a dry run of the seed to 1,000 readers takes a fifth of the time. Kept
 * in `folder` under a digest of all that compiling depends on: the issue as it was read, its template with
 * all partials, the configuration, our own code, the versions of packages and of Node. The files that it asked for are
 * read again each time, and must be as they were, or as missing. Whatever is wrong with what is kept, it is compiled anew.
 */
export async function renderOnce(
  app: App,
  found: FoundIssue,
  compile: (app: App, found: FoundIssue) => Promise<Compiled>,
  folder = CACHE,
): Promise<Rendered> {
  if (found.issue === null) return app.render(found);
  const file = join(folder, await nameFor(app, found));
  const kept = await readKept(file);
  if (kept !== null && (await isFresh(app, found, kept))) return kept.rendered;
  const compiled = await compile(app, found);
  // To keep it is a help and no need: a full disk must not stop a sending here.
  if (compiled.rendered.email) await keep(folder, file, compiled).catch(() => {});
  return compiled.rendered;
}

/** The digest of what is known before compiling. */
async function nameFor(app: App, found: FoundIssue): Promise<string> {
  const template = await app.template(found.issue!);
  return sha256(serialize([digestOfCode(), process.versions, found, template, app.config.newsletter]));
}

/** Of every file of our own, and of the list of packages. */
function digestOfCode(): string {
  const hash = createHash('sha256');
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry: Dirent) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...files, join(SRC, '..', 'package-lock.json')]) {
    const bytes = readFileSync(file);
    hash.update(`${file}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
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

async function isFresh(app: App, { issue }: FoundIssue, { reads }: Compiled): Promise<boolean> {
  const readAsset = app.project.assetReader(issue!);
  const same = await Promise.all(
    [...reads].map(async ([path, digest]) => digestOfAnswer(await readAsset(path)) === digest),
  );
  return same.every(Boolean);
}

async function keep(folder: string, file: string, compiled: Compiled): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const content = serialize(compiled);
  const whole = Buffer.concat([Buffer.from(sha256(content), 'latin1'), content]);
  const staged = `${file}.${process.pid}`;
  await writeFile(staged, whole, { mode: 0o600 });
  await rename(staged, file);
  const all = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      return { path, at: (await stat(path)).mtimeMs };
    }),
  );
  const old = all.sort((one, other) => other.at - one.at).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
