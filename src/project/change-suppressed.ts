import { type FileHandle, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who holds the file for so long has died, ms. */
const DEAD = 10_000;

/**
 * Changes `subscribers/suppressed.csv`, below the newsletter's folder: `change` makes the new text of the old one, which
 * is '' when there is no file. It is replaced as a whole: a crash leaves the old file or the new one. The new one, which
 * only one process can begin, is the lock: of two runs at once none takes the other's lines away. Throws what the system
 * says when it cannot be written.
 */
export async function changeSuppressed(root: string, change: (text: string) => string): Promise<void> {
  const path = await target(join(root, 'subscribers', 'suppressed.csv'));
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  const file = await begin(next);
  let done = false;
  try {
    const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const after = change(before);
    if (after === before) return;
    await file.writeFile(after);
    const mode = (await stat(path).catch(() => null))?.mode;
    if (mode !== undefined) await file.chmod(mode & 0o777);
    await file.sync();
    await rename(next, path);
    done = true;
  } finally {
    await file.close();
    if (!done) await rm(next, { force: true });
  }
}

/** Where a symbolic link leads: what stands there is replaced, and the link stays. */
async function target(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function begin(path: string): Promise<FileHandle> {
  for (;;)
    try {
      return await open(path, 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isDead(path)) await bury(path);
      else await sleep(20);
    }
}

/** Removes what the dead one holds, one at a time: who looked before another removed it would remove what a third began. */
async function bury(path: string): Promise<void> {
  const turn = `${path}.dead`;
  const file = await open(turn, 'wx').catch(() => null);
  if (file === null) {
    if (await isDead(turn)) await rm(turn, { force: true });
    await sleep(20);
    return;
  }
  await file.close();
  try {
    if (await isDead(path)) await rm(path, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

async function isDead(path: string): Promise<boolean> {
  const began = await stat(path).catch(() => null);
  return began !== null && Date.now() - began.mtimeMs > DEAD;
}
