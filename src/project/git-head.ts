import { execFile } from 'node:child_process';

/** The commit that is checked out and who works here; null where git does not know. */
export async function gitHead(
  root: string,
): Promise<{ readonly commit: string | null; readonly who: string | null }> {
  const [commit, who] = await Promise.all([
    git(root, ['rev-parse', '--verify', 'HEAD']),
    git(root, ['config', 'user.email']),
  ]);
  return { commit, who };
}

function git(cwd: string, words: readonly string[]): Promise<string | null> {
  return new Promise((done) => {
    execFile('git', [...words], { cwd, timeout: 5000 }, (error, stdout) =>
      done(error ? null : stdout.trim() || null),
    );
  });
}
