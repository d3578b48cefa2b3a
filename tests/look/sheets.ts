import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Email } from '../../src/email/email.ts';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { realIssues } from '../support/shared.ts';
import { compileIssue } from './compile-issue.ts';

/** An issue to look at, compiled. */
export interface Sheet {
  readonly name: string;
  readonly email: Email;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The project's own issues, one from right to left, and one of constructs inside others, as a newsletter with everything set would send them. */
export async function sampleSheets(): Promise<Sheet[]> {
  return [
    { name: 'specimen', email: await compileSheet('specimen') },
    { name: 'hello', email: await compileSheet('hello') },
    { name: 'persian', email: await compileSheet(here('./fixtures/persian.md')) },
    { name: 'glued', email: await compileSheet(here('./fixtures/glued.md')) },
  ];
}

/** Real newsletters that others wrote, where they are beside the checkout; those that are no issue are left out. */
export async function realSheets(): Promise<Sheet[]> {
  const sheets: Sheet[] = [];
  for (const path of realIssues().filter((path) => !path.endsWith('2026-10-specimen.md'))) {
    if (!parseIssue(path, readFileSync(path)).issue) continue;
    sheets.push({ name: `${basename(dirname(path))}/${basename(path)}`, email: await compileSheet(path) });
  }
  return sheets;
}

function compileSheet(name: string): Promise<Email> {
  return compileIssue(name, { publicUrl: 'https://letters.example.com', images: 'embedded' });
}
