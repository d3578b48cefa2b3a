import matter from 'gray-matter';
import { parse as parseToml, TomlError } from 'smol-toml';
import type { FrontMatter } from './split-front-matter.ts';

/** Parsed front matter, or where and why it cannot be read (line of the file, column). */
export type ParsedFrontMatter =
  | {
      readonly data: Record<string, unknown>;
      readonly duplicate: { readonly line: number; readonly column: number } | null;
    }
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
  const strict = parseYaml(block, blockLine, false);
  if (!('fault' in strict) || !/duplicated? mapping key/i.test(strict.fault)) return strict;
  // Jekyll lets the last of two equal keys win, and real issues rely on it.
  const lenient = parseYaml(block, blockLine, true);
  return 'fault' in lenient ? lenient : { ...lenient, duplicate: strict };
}

function parseYaml(block: string, blockLine: number, duplicates: boolean): ParsedFrontMatter {
  try {
    // Options given: without them gray-matter caches, and broken YAML throws once and is {} the second time.
    // `json` is passed on to js-yaml: the last of two equal keys wins.
    const options = { language: 'yaml', json: duplicates } as object;
    const { data } = matter(`---\n${block}\n---\n`, options);
    if (typeof data !== 'object' || data === null || Array.isArray(data))
      return { fault: 'The front matter is not a list of keys', line: blockLine, column: 1 };
    return { data: plain(data) as Record<string, unknown>, duplicate: null };
  } catch (error) {
    const { mark, reason, message } = error as YamlError;
    // gray-matter hands the line break of the opening fence on too: one line more.
    return {
      fault: reason ?? message,
      line: Math.max((mark?.line ?? 1) + blockLine - 1, 1),
      column: (mark?.column ?? 0) + 1,
    };
  }
}

interface YamlError {
  readonly mark?: { readonly line: number; readonly column: number };
  readonly reason?: string;
  readonly message: string;
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
