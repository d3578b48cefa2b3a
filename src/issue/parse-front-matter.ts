import matter from 'gray-matter';
import { parse as parseToml, TomlError } from 'smol-toml';
import { plainData } from './plain-data.ts';
import type { FrontMatter } from './split-front-matter.ts';

/** A place in the file. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Parsed front matter, or where and why it cannot be read. */
export type ParsedFrontMatter =
  | {
      /** Plain JSON values; dates as they were written. */
      readonly data: Record<string, unknown>;
      /** Where each top-level key stands. */
      readonly keys: Readonly<Record<string, Place>>;
      /** Top-level values of one line, as written: YAML reads `1.10` as 1.1 and `010` as 8. */
      readonly written: Readonly<Record<string, string>>;
      /** The second of two equal keys, if any. */
      readonly duplicate: Place | null;
    }
  | ({ readonly fault: string } & Place);

/**
 * Parses a front matter block. YAML goes through gray-matter's js-yaml 3, which reads what Gatsby, Hugo and Jekyll
 * users write (js-yaml 5 and yaml 2 reject the column-0 continuation that real issues hold). Its engine is called by
 * itself: front matter never runs code, and gray-matter's cache, which forgets faults, is not in the way.
 */
export function parseFrontMatter(front: FrontMatter): ParsedFrontMatter {
  const { kind, block, blockLine } = front;
  if (kind === 'none') return { data: {}, keys: {}, written: {}, duplicate: null };
  if (kind === 'unclosed') return { fault: 'The front matter is never closed', line: 1, column: 1 };
  if (kind === 'foreign') return { fault: 'Only YAML and TOML front matter is read', line: 1, column: 1 };
  const lines = topLines(block, blockLine, kind);
  try {
    if (kind === 'lines') return { data: parseLines(block), ...lines, duplicate: null };
    const { data, duplicate } = kind === 'toml' ? readToml(block) : readYaml(block, blockLine);
    if (typeof data !== 'object' || data === null || Array.isArray(data))
      return { fault: 'The front matter is not a list of keys', line: blockLine, column: 1 };
    return { data: plainData(data, kind === 'yaml' ? lines.written : {}), ...lines, duplicate };
  } catch (error) {
    return faultOf(error as Error, blockLine);
  }
}

type Read = { readonly data: unknown; readonly duplicate: Place | null };

const yaml = (matter as unknown as { engines: { yaml: { parse(text: string, options: object): unknown } } })
  .engines.yaml;

function readYaml(block: string, blockLine: number): Read {
  try {
    return { data: yaml.parse(block, {}) ?? {}, duplicate: null };
  } catch (error) {
    const { line, column, fault } = faultOf(error as Error, blockLine);
    if (!fault.startsWith('duplicated mapping key')) throw error;
    // Jekyll lets the last of two equal keys win, and real issues rely on it: so does js-yaml's `json`.
    return { data: yaml.parse(block, { json: true }), duplicate: { line, column } };
  }
}

function readToml(block: string): Read {
  return { data: parseToml(block), duplicate: null };
}

interface YamlError {
  readonly mark?: { readonly buffer: string; readonly position: number };
  readonly reason?: string;
  readonly message: string;
}

function faultOf(error: Error, blockLine: number): { fault: string } & Place {
  if (error instanceof TomlError) {
    const fault = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    return { fault, line: error.line + blockLine - 1, column: error.column };
  }
  const { mark, reason, message } = error as YamlError;
  // By the position: for two equal keys js-yaml's own column can be below zero.
  const before = (mark?.buffer.slice(0, mark.position) ?? '').split('\n');
  return {
    fault: reason ?? message,
    line: blockLine + before.length - 1,
    column: before.at(-1)!.length + 1,
  };
}

function topLines(block: string, blockLine: number, kind: FrontMatter['kind']) {
  const keys: Record<string, Place> = Object.create(null);
  const written: Record<string, string> = Object.create(null);
  for (const [index, line] of block.split('\n').entries()) {
    // In TOML what follows a [table] is no longer at the top.
    if (kind === 'toml' && line.startsWith('[')) break;
    const match = /^(["']?)([\p{L}\p{N}_-]+)\1[ \t]*[:=](.*)$/u.exec(line);
    if (!match) continue;
    const key = kind === 'lines' ? keyOfLine(match[2]!) : match[2]!;
    keys[key] = { line: blockLine + index, column: 1 };
    written[key] = match[3]!.split(' #')[0]!.trim();
  }
  return { keys: { ...keys }, written: { ...written } };
}

/** Such headers are written in any case (`Title:`, `SENDAT:`); ours keep their own. */
function keyOfLine(written: string): string {
  const key = written.toLowerCase();
  return ['sendAt', 'lateBy', 'replyTo', 'errataFor'].find((own) => own.toLowerCase() === key) ?? key;
}

function parseLines(block: string): Record<string, unknown> {
  const data: Record<string, string> = Object.create(null);
  let key = '';
  for (const line of block.split('\n')) {
    const match = /^(\w[\w-]*):[ \t]*(.*)$/.exec(line);
    if (match) data[(key = keyOfLine(match[1]!))] = match[2]!.trim();
    else data[key] += ` ${line.trim()}`;
  }
  return { ...data };
}
