import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';

/** A commit that changed a file. */
export interface Revision {
  readonly hash: string;
  /** `2026-11-24 Say it better`. */
  readonly label: string;
}

/** The last 20 commits that changed a file, newest first; none where there is no git. `path` is relative to `root`. */
export async function revisionsOf(root: string, path: string): Promise<Revision[]> {
  const listed = await git(root, ['log', '-20', '--format=%h%x09%as %s', '--', resolve(root, path)]);
  return (listed?.toString('utf8') ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => ({
      hash: line.slice(0, line.indexOf('\t')),
      label: line.slice(line.indexOf('\t') + 1, 200),
    }));
}

/** The file as it was at a commit; null when it was not there. Only a hash is taken: a name could be an option. */
export async function fileAt(root: string, path: string, hash: string): Promise<Buffer | null> {
  if (!/^[0-9a-f]{4,40}$/.test(hash)) return null;
  const file = resolve(root, path);
  return git(dirname(file), ['show', `${hash}:./${file.slice(dirname(file).length + 1)}`]);
}

function git(cwd: string, words: readonly string[]): Promise<Buffer | null> {
  return new Promise((done) => {
    execFile(
      'git',
      [...words],
      { cwd, timeout: 5000, maxBuffer: 10 * 1024 * 1024, encoding: 'buffer' },
      (error, stdout) => done(error ? null : stdout),
    );
  });
}
