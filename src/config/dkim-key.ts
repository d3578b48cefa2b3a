import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { readDkimKeys } from '../message/dkim-keys.ts';

/** A key is about 2 KB. */
const LARGEST = 64 * 1024;

/**
 * The DKIM key as PEM, as `DKIM_PRIVATE_KEY` gives it or in the file that `DKIM_PRIVATE_KEY_FILE` names, relative to the
 * project; null: there is none. Else the variable to blame, without a word of what the key or the file holds.
 */
export function dkimKey(
  root: string,
  given: string | undefined,
  path: string | undefined,
): string | null | { readonly blame: string; readonly fault: string; readonly hint: string } {
  const blame = path ? 'DKIM_PRIVATE_KEY_FILE' : 'DKIM_PRIVATE_KEY';
  if (given && path)
    return { blame, fault: 'is set, and so is DKIM_PRIVATE_KEY', hint: 'Leave one of them out.' };
  const pem = path ? read(resolve(root, path)) : given?.replaceAll('\\n', '\n') || null;
  if (pem === null) return null;
  if (typeof pem !== 'string') return { blame, ...pem, hint: 'Name a file that this user may read.' };
  const keys = readDkimKeys(pem);
  if (!('fault' in keys)) return pem;
  const hint = path ? 'That file must hold it in PEM.' : 'Give it in PEM, line breaks as \\n.';
  return { blame, fault: `cannot be used: ${keys.fault}`, hint };
}

function read(path: string): string | { readonly fault: string } {
  try {
    const stat = statSync(path);
    // Not a device or a pipe: they may never end.
    if (!stat.isFile() || stat.size > LARGEST) return { fault: 'names something that is no file with a key' };
    return readFileSync(path, 'utf8');
  } catch (error) {
    return { fault: `names a file that cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
