import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import type { Finding } from '../finding.ts';
import type { Newsletter } from '../newsletter.ts';
import { nearest } from '../project/nearest.ts';
import { newsletterSchema } from './newsletter-schema.ts';
import { placeOfKey } from './place-of-key.ts';

export const CONFIG_FILE = 'newsletter.config.ts';

/** Reads and checks `newsletter.config.ts`. Null: every fault of it was added to `findings`. */
export async function readNewsletter(
  root: string,
  findings: Finding[],
): Promise<ReturnType<typeof toNewsletter> | null> {
  const path = join(root, CONFIG_FILE);
  if (!existsSync(path)) {
    findings.push(
      fault(`There is no ${CONFIG_FILE} in ${root}.`, 'Run this in the folder of your newsletter.'),
    );
    return null;
  }
  const source = readFileSync(path, 'utf8');
  let exported: unknown;
  try {
    // By its time, so that a save is read by a process that has read the one before.
    exported = (await import(`${pathToFileURL(path).href}?${statSync(path).mtimeMs}`)).default;
  } catch (error) {
    const { message, stack } = error as Error;
    const [, line, column] = /newsletter\.config\.ts(?:\?[\d.]+)?:(\d+)(?::(\d+))?/.exec(String(stack)) ?? [];
    findings.push({
      ...fault(`It does not run: ${String(message).split('\n')[0]!.slice(0, 200)}.`, ''),
      ...(line ? { line: Number(line), column: Number(column ?? 1) } : {}),
    });
    return null;
  }
  const parsed = newsletterSchema.safeParse(exported);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const key = issue.path.map(String).join('.');
      findings.push({
        ...fault(`${key || 'The default export'}: ${wordsOf(issue.message)}.`, hintFor(issue)),
        ...placeOfKey(source, issue.path.map(String), issue.code === 'unrecognized_keys' ? issue.keys : []),
      });
    }
    return null;
  }
  return toNewsletter(parsed.data);
}

function toNewsletter(
  given: z.output<typeof newsletterSchema>,
): Newsletter & Pick<z.output<typeof newsletterSchema>, 'approval'> {
  const { tagline, lists, ...rest } = given;
  const host = given.from.address.slice(given.from.address.lastIndexOf('@') + 1);
  return {
    ...rest,
    brand: { ...given.brand, tagline },
    lists: Object.fromEntries(
      Object.entries(lists).map(([name, list]) => [name, { ...list, id: list.id ?? `${name}.${host}` }]),
    ),
  };
}

/** What zod says, as a person would. */
function wordsOf(message: string): string {
  return message
    .replace(/^Invalid input: expected \w+, received undefined$/, 'it is missing')
    .replace(/^Invalid input: expected (\w+), received (\w+)$/, 'it must be a $1, not $2')
    .replace(/^Unrecognized keys?: /, 'there is no key ');
}

/** The keys that a mistyped one may have meant. */
function hintFor(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) return '';
  const near = nearest(issue.keys[0] ?? '', Object.keys(newsletterSchema.shape));
  return `Did you mean one of: ${near.join(', ')}?`;
}

/** A fault of the configuration: at the top of its file, until it is said where. */
export function fault(message: string, hint: string): Finding {
  return { rule: 'config', severity: 'error', path: CONFIG_FILE, line: 1, column: 1, message, hint };
}
