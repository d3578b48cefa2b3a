import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What lies on the branch: its commit, the sealed ledger, and what the last sender said about it. */
export interface Kept {
  readonly commit: string;
  readonly sealed: Buffer;
  readonly message: string;
}

/** A branch of `origin` that holds one file in one commit without a parent: no history, never merged. */
export interface RemoteBranch {
  /** Null: the branch is not there. */
  fetch(): Promise<Kept | null>;
  /**
   * Puts a commit in the place of `expected` (null: of nothing) and gives its id. Null: somebody else was there first,
   * and nothing was changed. `--force-with-lease` is the lock: the server compares and swaps.
   */
  replace(expected: string | null, sealed: Uint8Array, message: string): Promise<string | null>;
}

/** Git failed: no repository, no remote, no network, no right to push. */
export class GitFault extends Error {}

const FILE = 'ledger';
const TRIES = 4;

/** Opens branch `name` of the remote `origin` of the repository in `root`. HEAD, index and files are never touched. */
export function openRemoteBranch(root: string, name: string): RemoteBranch {
  const ref = `refs/heads/${name}`;
  const git = (words: readonly string[], input?: Uint8Array) => run(root, words, input);
  const text = async (words: readonly string[], input?: Uint8Array) =>
    (await git(words, input)).toString('utf8').trim();
  const tip = async () => (await text(['ls-remote', 'origin', ref])).split(/\s/)[0] || null;

  return {
    async fetch() {
      return patiently(async () => {
        const commit = await tip();
        if (commit === null) return null;
        // One commit, and no ref of ours is moved: a shallow clone and a detached HEAD are no hindrance.
        await git(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', 'origin', ref]);
        // Fails when the branch was moved between the two: then it is asked again.
        const message = await text(['log', '-1', '--format=%B', commit]);
        const sealed = await git(['cat-file', 'blob', `${commit}:${FILE}`]).catch(() => Buffer.alloc(0));
        return { commit, sealed, message };
      });
    },
    async replace(expected, sealed, message) {
      const blob = await text(['hash-object', '-w', '--stdin'], sealed);
      const tree = await text(['mktree'], Buffer.from(`100644 blob ${blob}\t${FILE}\n`));
      const author = ['-c', 'user.name=Broadsheet', '-c', 'user.email=broadsheet@localhost.invalid'];
      const commit = await text([...author, 'commit-tree', '--no-gpg-sign', tree, '-m', message]);
      const lease = `--force-with-lease=${ref}:${expected ?? ''}`;
      return patiently(async () => {
        try {
          // The hooks of the author's repository are for the author's commits.
          await git(['push', '--quiet', '--no-verify', lease, 'origin', `${commit}:${ref}`]);
          return commit;
        } catch (fault) {
          // An answer may be lost after the server has acted: only the branch tells.
          const now = await tip();
          if (now === commit) return commit;
          if (now !== expected) return null;
          throw fault;
        }
      });
    },
  };
}

/** Networks fail for seconds: tried again after 1, 2 and 4 s. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work();
    } catch (fault) {
      if (!(fault instanceof GitFault) || tries === TRIES) throw fault;
      await sleep(1000 * 2 ** (tries - 1));
    }
}

function run(cwd: string, words: readonly string[], input?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // In a group of its own: Ctrl-C on a terminal must not tear a push that records what was sent.
    const child = spawn('git', words, { cwd, detached: true });
    const out: Buffer[] = [];
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-2000);
    });
    child.on('error', (error) => reject(new GitFault(`git cannot be run: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else reject(new GitFault(`git ${words.find((word) => !word.startsWith('-'))}: ${plain(complaint)}`));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Git's own words on one line, without the password of an address. */
function plain(complaint: string): string {
  return complaint
    .replace(/\/\/[^\s/@]*@/g, '//')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}
