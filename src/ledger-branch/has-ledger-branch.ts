import { execFile } from 'node:child_process';
import { LEDGER_BRANCH } from './open-branch-ledger.ts';

/** Does the repository in `root` have a remote whose branch keeps a ledger? False where git cannot tell within 10 s. */
export function hasLedgerBranch(root: string): Promise<boolean> {
  // Nobody is asked for a password: what answers such questions is the program `true`.
  const words = ['-c', 'core.askPass=true', 'ls-remote', '--exit-code', '--quiet', 'origin'];
  return new Promise((resolve) => {
    execFile('git', [...words, `refs/heads/${LEDGER_BRANCH}`], { cwd: root, timeout: 10_000 }, (error) =>
      resolve(error === null),
    );
  });
}
