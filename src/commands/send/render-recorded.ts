import { createHash } from 'node:crypto';
import type { App, Rendered } from '../../app.ts';
import type { ReadAsset } from '../../email/email.ts';
import type { FoundIssue } from '../../project.ts';
import { digestOfInputs } from './digest-of-inputs.ts';

/** A compiled issue, and what it was made of. */
export interface Compiled {
  readonly rendered: Rendered;
  /** Null: it is not known, or was changed meanwhile. */
  readonly inputs: string | null;
  /** The digest of each picture that was asked for, by path; also of one that was not there. */
  readonly reads: ReadonlyMap<string, string>;
}

/** `app.render`, and what it was made of. */
export async function renderRecorded(app: App, found: FoundIssue): Promise<Compiled> {
  const reads = new Map<string, string>();
  if (found.issue === null) return { rendered: await app.render(found), inputs: null, reads };
  const before = await digestOfInputs(app, found);
  const readAsset = app.project.assetReader(found.issue);
  const rendered = await app.render(found, async (path) => {
    const answer = await readAsset(path);
    reads.set(path, digestOfAnswer(answer));
    return answer;
  });
  const inputs = (await digestOfInputs(app, found)) === before ? before : null;
  return { rendered, inputs, reads };
}

/** What a reader of files answered, as a name of its own: the bytes' digest, that there is no such file, or a refusal. */
export function digestOfAnswer(answer: Awaited<ReturnType<ReadAsset>>): string {
  if (answer === null) return 'none';
  if ('refused' in answer) return `refused: ${answer.refused}`;
  return createHash('sha256').update(answer).digest('hex');
}
