import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { LARGEST } from '../../bounce/read-incoming.ts';
import type { RawMessage } from '../../bounce/take-in.ts';

/**
 * Messages of a maildir that nobody has seen: those in `new/`, and those in `cur/` without the flag S. A handled one is
 * moved to `cur/` and marked as seen, by the rules of the format; all others stay as they are.
 */
export async function* readMaildir(folder: string): AsyncGenerator<RawMessage> {
  for (const place of ['new', 'cur']) {
    const names = await readdir(join(folder, place));
    for (const name of names.sort()) {
      const [unique, flags = ''] = name.split(':2,');
      if (name.startsWith('.') || flags.includes('S')) continue;
      const path = join(folder, place, name);
      const file = await stat(path).catch(() => null);
      // A folder is no message.
      if (!file?.isFile()) continue;
      // One octet more than the largest, so that a larger one is known for what it is.
      const bytes = await buffer(createReadStream(path, { end: LARGEST })).catch(orMoved);
      if (bytes === null) continue;
      yield {
        bytes,
        envelope: [],
        async handled() {
          await mkdir(join(folder, 'cur'), { recursive: true });
          const seen = `${unique}:2,${[...new Set(`${flags}S`)].sort().join('')}`;
          await rename(path, join(folder, 'cur', seen)).catch(orMoved);
        },
      };
    }
  }
}

/** Another program has moved it meanwhile: a second run of ours, or a mail program that shows it. */
function orMoved(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
