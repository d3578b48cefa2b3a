import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { App } from '../../app.ts';
import type { FoundIssue } from '../../project.ts';
import type { Compiled } from './render-recorded.ts';

const CHILD = fileURLToPath(new URL('render-child.mjs', import.meta.url));

/**
 * `renderRecorded` in a process of its own, which ends with it: MJML and all that it brings take 190 MB, which a process
 * that delivers for hours need not hold. Takes 0.2 s more.
 */
export function renderApart({ config }: App, found: FoundIssue): Promise<Compiled> {
  return new Promise((resolve, reject) => {
    const child = fork(CHILD, { cwd: config.root, serialization: 'advanced', execArgv: [] });
    child.send(found);
    child.once('message', (compiled) => resolve(compiled as Compiled));
    child.once('error', reject);
    // Comes when all that it has sent was read; that it has exited may be known before.
    child.once('disconnect', () => reject(new Error(`Compiling ${found.path} ended without a result`)));
  });
}
