import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** The Markdown files of all issues below a folder: files, and folders with `index.md`; a folder without one is searched. */
export async function issueFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => !entry.name.startsWith('.'))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        const file = await markdownAt(path);
        if (file) return [file];
        return entry.isDirectory() ? issueFiles(path) : [];
      }),
  );
  return found.flat();
}

/** The Markdown file that a path means: itself, or `index.md` in it. Null: neither. */
export async function markdownAt(path: string): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  if (info?.isFile()) return ['.md', '.markdown'].includes(extname(path).toLowerCase()) ? path : null;
  if (!info?.isDirectory()) return null;
  const index = join(path, 'index.md');
  return (await stat(index).catch(() => null))?.isFile() ? index : null;
}
