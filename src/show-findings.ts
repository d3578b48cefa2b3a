import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatWithFrame } from './check/format-with-frame.ts';
import type { Context } from './cli.ts';
import type { Finding } from './finding.ts';

/**
 * Shows findings to a person, each with its line of the file. Rows of a list are not shown: beside the address at hand
 * they hold what else is known of a reader. With `--quiet` only errors.
 */
export async function showFindings({ app, terminal }: Context, findings: readonly Finding[]): Promise<void> {
  const sources = new Map<string, string | null>();
  for (const finding of findings) {
    const { path, severity } = finding;
    if (!sources.has(path))
      sources.set(
        path,
        path.endsWith('.csv')
          ? null
          : await readFile(resolve(app.config.root, path), 'utf8').catch(() => null),
      );
    const shown = formatWithFrame(finding, sources.get(path)!, terminal.paint);
    if (severity === 'error') terminal.insist(shown);
    else terminal.say(shown);
  }
}
