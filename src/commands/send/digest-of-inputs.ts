import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App } from '../../app.ts';
import type { FoundIssue } from '../../project.ts';

const SRC = fileURLToPath(new URL('../../', import.meta.url));
/** What npm says that it has installed. */
const INSTALLED = join(SRC, '../node_modules/.package-lock.json');

/**
 * The digest of all that compiling an issue depends on but for pictures: the issue as it was read, its template with all
 * partials as they are now, the configuration, our own code, the versions of packages and of Node. Null: packages were
 * installed in another way than by npm, and nobody could tell when they change.
 */
export async function digestOfInputs(app: App, found: FoundIssue): Promise<string | null> {
  if (found.issue === null || !existsSync(INSTALLED)) return null;
  const template = await app.template(found.issue);
  code ??= digestOfCode();
  const inputs = JSON.stringify([code, process.versions, found, template, app.config.newsletter], whole);
  return createHash('sha256').update(inputs).digest('hex');
}

/** Issues, templates and configurations are plain values. Should one hold what JSON leaves out, a developer must hear of it. */
function whole(_key: string, value: unknown): unknown {
  if (value instanceof Map || value instanceof Set || typeof value === 'function')
    throw new TypeError('JSON would leave out what this holds');
  return value;
}

/** Of every file of our own, and of what is installed; once a process, which runs what it has loaded. */
let code: string | null = null;
function digestOfCode(): string {
  const hash = createHash('sha256');
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  for (const file of [...files, INSTALLED]) {
    const bytes = readFileSync(file);
    hash.update(`${file}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}
