import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { ReadAsset } from '../email/email.ts';

const LIMIT = 25 * 1024 * 1024;

/**
 * Reads files for an issue: from its `folder` and from the project, no others, at most 25 MB. Paths are relative to
 * `root`. Links are followed before the place is looked at, so `../../etc/passwd` and a link to it end alike.
 */
export function assetReader(root: string, folder: string): ReadAsset {
  return async (path) => {
    if (path.includes('\0')) return { refused: 'its name holds a NUL character' };
    const file = await realpath(resolve(root, path)).catch(() => null);
    if (file === null) return null;
    const rooms = await Promise.all([root, resolve(root, folder)].map((room) => realpath(room)));
    const ways = rooms
      .map((room) => relative(room, file))
      .filter((way) => !isAbsolute(way))
      .map((way) => way.split(sep))
      .filter((way) => way[0] !== '..');
    if (ways.length === 0) return { refused: 'it lies outside the project' };
    // `.env` and `.git` lie inside, and nobody mails them on purpose.
    if (ways.every((way) => way.some((part) => part.startsWith('.')))) return { refused: 'it is hidden' };
    try {
      const info = await stat(file);
      if (!info.isFile()) return { refused: 'it is no file' };
      if (info.size > LIMIT) return { refused: 'it is larger than 25 MB' };
      return await readFile(file);
    } catch (error) {
      return { refused: `it cannot be read (${(error as NodeJS.ErrnoException).code})` };
    }
  };
}
