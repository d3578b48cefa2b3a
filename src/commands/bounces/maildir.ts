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
      // Another program has moved it meanwhile; a folder is no message.
      if (!file?.isFile()) continue;
      yield {
        // One octet more than the largest, so that a larger one is known for what it is.
        bytes: await buffer(createReadStream(path, { end: LARGEST })),
        envelope: [],
        async handled() {
          await mkdir(join(folder, 'cur'), { recursive: true });
          await rename(path, join(folder, 'cur', `${unique}:2,${[...new Set(`${flags}S`)].sort().join('')}`));
        },
      };
    }
  }
}
