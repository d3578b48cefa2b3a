import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Entry } from '../../bounce/take-in.ts';

/** The file that remembers which messages were handled: a line of JSON each, only ever added to. */
export function openJournal(path: string): {
  read(): Promise<Entry[]>;
  write(entries: readonly Entry[]): Promise<void>;
} {
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      return text.split('\n').flatMap(entryOf);
    },
    async write(entries) {
      if (entries.length === 0) return;
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'a', 0o600);
      try {
        // A line break first, after a line that a crash cut short.
        await file.write(
          `${(await file.stat()).size > 0 ? '\n' : ''}${entries.map((entry) => JSON.stringify(entry)).join('\n')}`,
        );
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

/** A line that a crash cut short is none: that message is handled again, and nothing doubles. */
function entryOf(line: string): Entry[] {
  try {
    const { id, at, soft } = JSON.parse(line) as Entry;
    return typeof id === 'string' && typeof at === 'number' ? [{ id, at, soft: soft ?? null }] : [];
  } catch {
    return [];
  }
}
