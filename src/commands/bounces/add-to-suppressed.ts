import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Suppression } from '../../audience/audience.ts';
import { addSuppressed } from '../../audience/suppressed-file.ts';

/** Who holds the file for so long has died, ms. */
const DEAD = 10_000;

/**
 * Adds a line to `subscribers/suppressed.csv`. It is replaced as a whole: a crash leaves the old file or the new one.
 * The new one, which only one process can begin, is the lock: of two runs at once none takes the other's lines away.
 */
export async function addToSuppressed(path: string, suppression: Suppression, secret: string): Promise<void> {
  const next = `${path}.new`;
  const file = await begin(next);
  let done = false;
  try {
    const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const after = addSuppressed(before, [suppression], secret);
    if (after === before) return;
    await file.writeFile(after);
    await file.sync();
    await rename(next, path);
    done = true;
  } finally {
    await file.close();
    if (!done) await rm(next, { force: true });
  }
}

async function begin(path: string): Promise<FileHandle> {
  for (;;)
    try {
      return await open(path, 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const began = await stat(path).catch(() => null);
      if (began && Date.now() - began.mtimeMs > DEAD) await rm(path, { force: true });
      else await sleep(20);
    }
}
