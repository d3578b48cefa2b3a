import { createReadStream, existsSync, type FSWatcher, watch as watchFolder } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { ReadAsset, Template } from './email/email.ts';
import type { Finding } from './finding.ts';
import type { Issue, ReadIssue } from './issue/issue.ts';
import { parseIssue } from './issue/parse-issue.ts';

export type FoundIssue = ReadIssue & { readonly path: string };

/** The user's folders as values. Paths are as a person in `root` would type them. */
export interface Project {
  readonly root: string;
  /** Every issue, drafts and faulty ones too, newest first. */
  issues(): Promise<FoundIssue[]>;
  /** By slug or by path (a file, or a folder with `index.md`), also outside the project. */
  findIssue(name: string): Promise<FoundIssue>;
  template(name: string): Promise<Template | { readonly findings: readonly Finding[] }>;
  /** Reads files of the issue's folder and of the project, no others. */
  assetReader(issue: Issue): ReadAsset;
  list(name: string): Promise<ListFile | { readonly findings: readonly Finding[] }>;
  lists(): Promise<string[]>;
  /** Calls back with what was saved, at most every 20 ms. */
  watch(onChange: (paths: string[]) => void): { close(): void };
}

export interface ListFile {
  readonly path: string;
  chunks(): AsyncIterable<Uint8Array>;
}

const ASSET_LIMIT = 25 * 1024 * 1024;

/** Opens the newsletter in `root` (absolute). Nothing is read before it is asked for. */
export function openProject(root: string): Project {
  const shown = (path: string) => (relative(root, path) || '.').split(sep).join('/');
  const read = async (path: string): Promise<FoundIssue> => ({
    ...parseIssue(shown(path), await readFile(path)),
    path: shown(path),
  });

  const issues = async (): Promise<FoundIssue[]> => {
    const found = await Promise.all((await issueFiles(join(root, 'issues'))).map(read));
    return found.sort((a, b) => order(b).localeCompare(order(a)));
  };

  return {
    root,
    issues,
    async findIssue(name) {
      const file = name.includes('\0') ? null : await markdownAt(resolve(root, name));
      if (file) return read(file);
      const all = await issues();
      const same = all.filter((one) => one.issue?.slug === name || shortName(one.path) === name);
      if (same.length === 1) return same[0]!;
      const paths = same.map((one) => one.path).join(' and ');
      const near = all
        .map((one) => one.issue?.slug ?? shortName(one.path))
        .slice(0, 5)
        .join(', ');
      const finding =
        same.length > 1
          ? missing(
              same[0]!.path,
              'slug',
              `Two issues go by "${name}": ${paths}.`,
              'Set another "slug" in one of them.',
            )
          : missing(
              'issues',
              'no-issue',
              `There is no issue "${name}".`,
              near ? `There are: ${near}.` : 'Write one in issues/.',
            );
      return { issue: null, findings: [finding], path: finding.path };
    },
    async template(name) {
      const path = join(root, 'templates', `${name}.mjml`);
      if (!/^[\w-]+$/.test(name) || !existsSync(path)) {
        const names = await filesIn(join(root, 'templates'), '.mjml');
        return {
          findings: [
            missing(
              'templates',
              'no-template',
              `There is no template "${name}".`,
              `There are: ${names.join(', ') || 'none'}.`,
            ),
          ],
        };
      }
      const partials: Record<string, { path: string; source: string }> = {};
      for (const partial of await filesIn(join(root, 'templates/partials'), '.mjml')) {
        const file = join(root, 'templates/partials', `${partial}.mjml`);
        partials[partial] = { path: shown(file), source: await readFile(file, 'utf8') };
      }
      const css = path.replace(/\.mjml$/, '.css');
      return {
        name,
        path: shown(path),
        source: await readFile(path, 'utf8'),
        partials,
        css: existsSync(css) ? await readFile(css, 'utf8') : '',
      };
    },
    assetReader: (issue) => async (path) => {
      if (path.includes('\0')) return { refused: 'its name holds a NUL character' };
      const file = await realpath(resolve(root, path)).catch(() => null);
      if (!file) return null;
      // After links are followed: `../../etc/passwd` and a link to it must both end here.
      const rooms = await Promise.all([root, resolve(root, issue.folder)].map((room) => realpath(room)));
      if (!rooms.some((room) => file.startsWith(room + sep)))
        return { refused: 'it lies outside the project' };
      const { size } = await stat(file);
      if (size > ASSET_LIMIT) return { refused: 'it is larger than 25 MB' };
      return readFile(file);
    },
    async list(name) {
      const path = join(root, 'subscribers', `${name}.csv`);
      if (/^[\w-]+$/.test(name) && existsSync(path))
        return { path: shown(path), chunks: () => createReadStream(path) };
      const names = await filesIn(join(root, 'subscribers'), '.csv');
      return {
        findings: [
          missing(
            'subscribers',
            'no-list',
            `There is no list "${name}".`,
            `There are: ${names.join(', ') || 'none'}.`,
          ),
        ],
      };
    },
    lists: () => filesIn(join(root, 'subscribers'), '.csv'),
    watch(onChange) {
      let paths = new Set<string>();
      let timer: NodeJS.Timeout | null = null;
      const watchers: FSWatcher[] = [];
      for (const folder of ['issues', 'templates', 'subscribers']) {
        if (!existsSync(join(root, folder))) continue;
        watchers.push(
          watchFolder(join(root, folder), { recursive: true }, (_event, file) => {
            paths.add(`${folder}/${String(file).split(sep).join('/')}`);
            timer ??= setTimeout(() => {
              const changed = [...paths];
              paths = new Set();
              timer = null;
              onChange(changed);
            }, 20);
          }),
        );
      }
      return {
        close() {
          if (timer) clearTimeout(timer);
          for (const watcher of watchers) watcher.close();
        },
      };
    },
  };
}

async function issueFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const files = await Promise.all(
    entries.map((entry) => (entry.name.startsWith('.') ? null : markdownAt(join(folder, entry.name)))),
  );
  return files.filter((file) => file !== null);
}

async function markdownAt(path: string): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  if (info?.isFile()) return ['.md', '.markdown'].includes(extname(path).toLowerCase()) ? path : null;
  const index = join(path, 'index.md');
  return info?.isDirectory() && existsSync(index) ? index : null;
}

async function filesIn(folder: string, extension: string): Promise<string[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .sort();
}

function order({ issue, path }: FoundIssue): string {
  return `${issue?.date ?? issue?.sendAt ?? '0000'} ${path}`;
}

function shortName(path: string): string {
  return basename(path) === 'index.md' ? basename(dirname(path)) : basename(path, extname(path));
}

function missing(path: string, rule: string, message: string, hint: string): Finding {
  return { rule, severity: 'error', path, line: 1, column: 1, message, hint };
}
