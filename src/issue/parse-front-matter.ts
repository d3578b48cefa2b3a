import matter from 'gray-matter';
import { parse as parseToml, TomlError } from 'smol-toml';
import type { FrontMatter } from './split-front-matter.ts';

/** Parsed front matter, or where and why it cannot be read (line of the file, column). */
export type ParsedFrontMatter =
  | { readonly data: Record<string, unknown>; readonly duplicate: string | null }
  | { readonly fault: string; readonly line: number; readonly column: number };

/**
 * Parses a front matter block into plain JSON values. YAML goes through gray-matter's js-yaml 3, which reads what
 * Gatsby, Hugo and Jekyll users write (js-yaml 5 and yaml 2 reject the column-0 continuation that real issues hold).
 * Only the YAML engine can be reached, so front matter never runs code.
 */
export function parseFrontMatter({ kind, block, blockLine }: FrontMatter): ParsedFrontMatter {
  if (kind === 'none') return { data: {}, duplicate: null };
  if (kind === 'unclosed') return { fault: 'The front matter is never closed', line: 1, column: 1 };
  if (kind === 'lines') return { data: parseLines(block), duplicate: null };
  if (kind === 'toml') return parseTomlBlock(block, blockLine);
  const first = parseYaml(block, blockLine);
  if (!('fault' in first) || !/duplicated? mapping key/i.test(first.fault)) return first;
  // Jekyll lets the last of two equal keys win, so all but the last are blanked out, line numbers kept. js-yaml's
  // mark stands after the second value: the keys are found by ourselves.
  const lines = block.split('\n');
  const names = lines.map((line) => /^([\w-]+)[ \t]*:/.exec(line)?.[1] ?? null);
  const key = names.find((name, index) => name !== null && names.lastIndexOf(name) > index);
  if (!key) return first;
  const last = names.lastIndexOf(key);
  const blanked = lines.map((line, index) => (index < last && names[index] === key ? '' : line));
  const again = parseYaml(blanked.join('\n'), blockLine);
  return 'fault' in again ? again : { ...again, duplicate: key };
}

function parseYaml(block: string, blockLine: number): ParsedFrontMatter {
  try {
    // Options given: without them gray-matter caches, and broken YAML throws once and is {} the second time.
    const { data } = matter(`---\n${block}\n---\n`, { language: 'yaml' });
    if (typeof data !== 'object' || data === null || Array.isArray(data))
      return { fault: 'The front matter is not a list of keys', line: blockLine, column: 1 };
    return { data: plain(data) as Record<string, unknown>, duplicate: null };
  } catch (error) {
    const { mark, reason, message } = error as {
      mark?: { line: number; column: number };
      reason?: string;
      message: string;
    };
    const line = (mark?.line ?? 0) + blockLine;
    return { fault: reason ?? message, line, column: (mark?.column ?? 0) + 1 };
  }
}

function parseTomlBlock(block: string, blockLine: number): ParsedFrontMatter {
  try {
    return { data: plain(parseToml(block)) as Record<string, unknown>, duplicate: null };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const fault = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    return { fault, line: error.line + blockLine - 1, column: error.column };
  }
}

function parseLines(block: string): Record<string, unknown> {
  const data: Record<string, string> = {};
  let key = '';
  for (const line of block.split('\n')) {
    const match = /^(\w[\w-]*):[ \t]*(.*)$/.exec(line);
    if (match) data[(key = match[1]!.toLowerCase())] = match[2]!.trim();
    else if (key) data[key] += ` ${line.trim()}`;
  }
  return data;
}

/** Dates as ISO text, and no prototypes: only what JSON can hold passes on. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, key, inner) {
      const original = this[key];
      if (original instanceof Date) return Number.isNaN(original.getTime()) ? null : inner;
      return key === '__proto__' ? undefined : inner;
    }) ?? '{}',
  );
}
