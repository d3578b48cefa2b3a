import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Markdown files of real newsletters beside the checkout; empty, and said so, where they are not there. */
export function realIssues(): string[] {
  const found = ['seed', 'corpus']
    .filter((name) => existsSync(join(folder, name)))
    .flatMap((name) =>
      readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, name, file),
      ),
    )
    .filter((file) => /\.(md|markdown)$/.test(file) && !/corpus\/README\.md$/.test(file));
  if (found.length === 0)
    console.log('No real issues in ../shared: only the samples of this project are tried.');
  return [...found, fileURLToPath(new URL('../../issues/2026-10-specimen.md', import.meta.url))];
}

/** The seed issue's folder, or null where it is not there. */
export const seedFolder: string | null = existsSync(join(folder, 'seed/2020-12-ebpf-updates'))
  ? join(folder, 'seed/2020-12-ebpf-updates')
  : null;
