import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const TEMPLATES = fileURLToPath(new URL('../../templates', import.meta.url));

const made: string[] = [];
afterAll(() => {
  for (const root of made) rmSync(root, { recursive: true, force: true });
});

export interface TemporaryProject {
  readonly root: string;
  write(path: string, content: string | Uint8Array): void;
  /** The file as text; '' when it is not there. */
  read(path: string): string;
  /** Names in a folder, sorted; none when it is not there. */
  names(path: string): string[];
}

/**
 * A newsletter in a folder of its own, from an object literal: content by path. What is not given is the least that
 * works: a configuration, the project's own templates, one reader, one of the staff. `config` adds to the configuration;
 * null under a path leaves a default out. It is removed when the test file has ended.
 */
export function temporaryProject(
  files: Readonly<Record<string, string | Uint8Array | null>> = {},
  config: object = {},
): TemporaryProject {
  const root = mkdtempSync(join(tmpdir(), 'broadsheet-'));
  made.push(root);
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const newsletter = {
    name: 'The Broadside',
    from: 'The Broadside <news@example.com>',
    postalAddress: '1 Press Lane, Exampleton',
    siteUrl: 'https://news.example.com',
    unsubscribeMailto: 'leave@example.com',
    ...config,
  };
  const defaults = {
    'newsletter.config.ts': `export default ${JSON.stringify(newsletter, null, 2)};\n`,
    'subscribers/staff.csv': 'email,name\neditor@example.com,Edna\n',
    'subscribers/weekly.csv': 'email,name\nada@example.com,Ada\n',
    ...files,
  };
  cpSync(TEMPLATES, join(root, 'templates'), { recursive: true });
  for (const [path, content] of Object.entries(defaults)) if (content !== null) write(path, content);
  return {
    root,
    write,
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''),
    names: (path) => (existsSync(join(root, path)) ? readdirSync(join(root, path)).sort() : []),
  };
}
