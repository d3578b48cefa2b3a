import { existsSync, type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Several events belong to one save: truncate and write, or write beside it and rename. */
const QUIET = 20;

/**
 * Calls back with the paths (absolute) that were saved below `folders` (names in `root`) or are one of `files` in
 * `root`, once no event came for 20 ms. A watcher a folder, not `recursive`: on Linux that one loses a file for good
 * when an editor saves it by renaming (seen with Node 24). Folders made later are watched too.
 */
export function watchFolders(
  root: string,
  folders: readonly string[],
  files: readonly string[],
  onChange: (paths: string[]) => void,
): { close(): void } {
  const watchers = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const note = (path: string) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const paths = [...changed];
      changed.clear();
      onChange(paths);
    }, QUIET);
  };
  const forget = (folder: string) => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const onEvent = (folder: string, name: string | null) => {
    if (!existsSync(folder)) forget(folder);
    if (name === null) return note(folder);
    if (name.startsWith('.') || name.endsWith('~')) return;
    if (folder === root && !folders.includes(name) && !files.includes(name)) return;
    const path = join(folder, name);
    if (!isFolder(path)) forget(path);
    else if (!watchers.has(path)) add(path);
    note(path);
  };
  const add = (folder: string) => {
    // Gone again already, or no more watches to be had: the rest is still watched.
    try {
      const watcher = watch(folder, (_event, name) => onEvent(folder, name));
      watcher.on('error', () => forget(folder));
      watchers.set(folder, watcher);
      if (folder === root) return;
      for (const entry of readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory() && !entry.name.startsWith('.')) add(join(folder, entry.name));
    } catch {
      forget(folder);
    }
  };

  add(root);
  for (const folder of folders) if (isFolder(join(root, folder))) add(join(root, folder));
  return {
    close() {
      clearTimeout(timer);
      for (const folder of [...watchers.keys()]) forget(folder);
    },
  };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
