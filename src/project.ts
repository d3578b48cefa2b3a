import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { ReadAsset, Template } from './email/email.ts';
import type { Finding } from './finding.ts';
import { fileName } from './issue/file-name.ts';
import type { Issue, ReadIssue } from './issue/issue.ts';
import { parseIssue } from './issue/parse-issue.ts';
import { assetReader } from './project/asset-reader.ts';
import { changeSuppressed } from './project/change-suppressed.ts';
import { issueFiles, markdownAt } from './project/issue-files.ts';
import { nearest } from './project/nearest.ts';
import { watchFolders } from './project/watch-folders.ts';

export type FoundIssue = ReadIssue & { readonly path: string };
type Findings = { readonly findings: readonly Finding[] };

/** The user's folders as values. Paths are as a person in `root` would type them. */
export interface Project {
  readonly root: string;
  /** Every issue, drafts and faulty ones too, newest first (date or sendAt, else a date in the file's name). */
  issues(): Promise<FoundIssue[]>;
  /** By path (a file, or a folder with `index.md`), also outside the project, by slug, or by the file's or folder's name. */
  findIssue(name: string): Promise<FoundIssue>;
  template(name: string): Promise<Template | Findings>;
  /** Reads files of the issue's folder and of the project, no others. */
  assetReader(issue: Issue): ReadAsset;
  list(name: string): Promise<ListFile | Findings>;
  lists(): Promise<string[]>;
  /** The text of `subscribers/suppressed.csv`; '' when it is not there. */
  suppressed(): Promise<string>;
  /** Replaces that text by what is made of it; of two who do so at once neither takes the other's lines away. */
  changeSuppressed(change: (text: string) => string): Promise<void>;
  /** Calls back with what was saved in issues, templates, subscribers or the config, 20 ms after the last write. */
  watch(onChange: (paths: string[]) => void): { close(): void };
}

export interface ListFile {
  readonly path: string;
  chunks(): AsyncIterable<Uint8Array>;
}

/** Opens the newsletter in `root` (absolute). Nothing is read before it is asked for. */
export function openProject(root: string): Project {
  const shown = (path: string) => (relative(root, path) || '.').split(sep).join('/');
  const folder = (name: string) => join(root, name);
  const read = async (file: string): Promise<FoundIssue> => {
    const path = shown(file);
    try {
      return { ...parseIssue(path, await readFile(file)), path };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Deleted since the folder was read, or not ours to read; anything else is a bug.
      if (code === undefined) throw error;
      return lost(path, 'unreadable', `The file cannot be read (${code}).`, '');
    }
  };
  const readAll = async (): Promise<FoundIssue[]> => {
    const found = await Promise.all((await issueFiles(folder('issues'))).map(read));
    return found.sort((a, b) => (order(a) < order(b) ? 1 : -1));
  };

  return {
    root,
    async issues() {
      const all = await readAll();
      return all.map((one) => withClash(one, all));
    },
    async findIssue(name) {
      const file = name.includes('\0') ? null : await markdownAt(resolve(root, name));
      const all = await readAll();
      if (file) return withClash(await read(file), all);
      const named = all.filter((one) => slugOf(one) === name);
      // Its file's or folder's name will do, where no other has it.
      const filed = all.filter(({ path }) => fileName(path) === name);
      const same = named.length > 0 || filed.length > 1 ? named : filed;
      if (same.length === 0)
        return noIssue(name, !name.includes('\0') && existsSync(resolve(root, name)), all.map(slugOf));
      const marked = same.map((one) => withClash(one, all));
      if (marked.length === 1) return marked[0]!;
      return { issue: null, findings: marked.flatMap((one) => one.findings), path: same[0]!.path };
    },
    async template(name) {
      const path = join(folder('templates'), `${name}.mjml`);
      if (!/^[\w-]+$/.test(name) || !existsSync(path))
        return none(
          'templates',
          'template',
          name,
          // `confirm` is for the mail that asks to confirm: no issue is meant to have it.
          (await namesIn(folder('templates'), '.mjml')).filter((one) => one !== 'confirm'),
        );
      const partials: Record<string, { path: string; source: string }> = {};
      for (const partial of await namesIn(folder('templates/partials'), '.mjml')) {
        const file = join(folder('templates/partials'), `${partial}.mjml`);
        partials[partial] = { path: shown(file), source: await readFile(file, 'utf8') };
      }
      const css = path.replace(/\.mjml$/, '.css');
      const source = await readFile(path, 'utf8');
      return {
        name,
        path: shown(path),
        source,
        partials,
        css: existsSync(css) ? await readFile(css, 'utf8') : '',
      };
    },
    assetReader: (issue) => assetReader(root, issue.folder),
    async list(name) {
      const path = join(folder('subscribers'), `${name}.csv`);
      if (/^[\w-]+$/.test(name) && existsSync(path))
        return { path: shown(path), chunks: () => createReadStream(path) };
      return none('subscribers', 'list', name, await namesIn(folder('subscribers'), '.csv'));
    },
    // `suppressed.csv` says who must not be mailed; it is no list.
    lists: async () => (await namesIn(folder('subscribers'), '.csv')).filter((name) => name !== 'suppressed'),
    async suppressed() {
      const path = join(folder('subscribers'), 'suppressed.csv');
      return existsSync(path) ? readFile(path, 'utf8') : '';
    },
    changeSuppressed: (change) => changeSuppressed(root, change),
    watch: (onChange) =>
      watchFolders(root, ['issues', 'templates', 'subscribers'], ['newsletter.config.ts'], (paths) =>
        onChange(paths.map(shown)),
      ),
  };
}

/** An issue whose slug another one has too is sent by neither: readers of the one would count as readers of both. */
function withClash(one: FoundIssue, all: readonly FoundIssue[]): FoundIssue {
  const others = all.filter((other) => other.path !== one.path && slugOf(other) === slugOf(one));
  if (others.length === 0) return one;
  const { line, column } = one.issue?.keys.slug ?? { line: 1, column: 1 };
  const paths = others.map((other) => other.path).join(', ');
  const message = `Its slug "${slugOf(one)}" is also that of ${paths}.`;
  const hint = 'Set another "slug" in one of them.';
  const finding: Finding = { rule: 'slug', severity: 'error', path: one.path, line, column, message, hint };
  return { ...one, issue: null, findings: [...one.findings, finding] };
}

function noIssue(name: string, exists: boolean, slugs: readonly string[]): FoundIssue {
  if (exists)
    return lost(
      name,
      'no-issue',
      `"${name}" is no issue.`,
      'Name a Markdown file or a folder with index.md.',
    );
  const near = nearest(name, slugs).join(', ');
  const hint = near ? `Did you mean one of: ${near}?` : 'Write one in issues/.';
  return lost('issues', 'no-issue', `There is no issue "${name}".`, hint);
}

function lost(path: string, rule: string, message: string, hint: string): FoundIssue {
  return {
    issue: null,
    findings: [{ rule, severity: 'error', path, line: 1, column: 1, message, hint }],
    path,
  };
}

function none(path: string, what: string, name: string, names: readonly string[]): Findings {
  const hint = names.length > 0 ? `There are: ${names.join(', ')}.` : `There are none in ${path}/.`;
  return lost(path, `no-${what}`, `There is no ${what} "${name}".`, hint);
}

async function namesIn(folder: string, extension: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(extension) && !name.startsWith('.'))
    .map((name) => name.slice(0, -extension.length))
    .sort();
}

function order({ issue, path }: FoundIssue): string {
  const named = /\d{4}-\d{2}(-\d{2})?/.exec(path)?.[0];
  return `${issue?.date ?? issue?.sendAt ?? named ?? '0000'} ${path}`;
}

/** Its slug; of an issue that could not be read, the name of its file. */
function slugOf({ issue, path }: FoundIssue): string {
  return issue?.slug ?? fileName(path);
}
