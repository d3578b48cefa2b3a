import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A file that was written beside the one it is to replace. */
export interface Staged {
  /** Puts it in its place, at once and whole. False: the old one was changed meanwhile, and stays. */
  commit(): Promise<boolean>;
  discard(): Promise<void>;
}

/** Writes the text to `staging`, which must lie on the same disk as `target`. What `text` throws leaves nothing behind. */
export async function stageFile(
  target: string,
  staging: string,
  text: AsyncIterable<string>,
): Promise<Staged> {
  const real = existsSync(target) ? await realpath(target) : target;
  const before = await identity(real);
  const discard = () => rm(staging, { force: true });
  try {
    await mkdir(dirname(staging), { recursive: true, mode: 0o700 });
    await pipeline(Readable.from(inPieces(text)), createWriteStream(staging, { mode: 0o600 }));
    await chmod(staging, before?.mode ?? 0o644);
    const file = await open(staging, 'r+');
    await file.sync();
    await file.close();
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    discard,
    async commit() {
      if ((await identity(real))?.changed !== before?.changed) {
        await discard();
        return false;
      }
      await mkdir(dirname(real), { recursive: true });
      await rename(staging, real);
      return true;
    },
  };
}

async function identity(path: string): Promise<{ readonly changed: string; readonly mode: number } | null> {
  const found = await stat(path).catch(() => null);
  return found && { changed: `${found.ino} ${found.size} ${found.mtimeMs}`, mode: found.mode & 0o777 };
}

/** A write for each row would take longer than all else. */
async function* inPieces(text: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const part of text) {
    piece += part;
    if (piece.length < 65_536) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
