/** The front matter of a file, cut from its body but not yet parsed. Lines count from 1. */
export interface FrontMatter {
  readonly kind: 'yaml' | 'toml' | 'lines' | 'none' | 'unclosed';
  readonly block: string;
  /** Line of the file on which `block` begins. */
  readonly blockLine: number;
  readonly body: string;
  readonly bodyLine: number;
}

/** Pelican's keys: a first line like `Note: mind the gap` is prose, `Title: Mind the gap` is not. */
const PELICAN =
  /^(title|date|modified|slug|category|tags|authors?|summary|status|lang|description|subject):/i;

/**
 * Splits a file into front matter and body: `---` YAML, `+++` TOML, Pelican's `Key: value` lines, or none. We split
 * the fences ourselves because gray-matter ignores `+++` and runs code behind `---js`.
 */
export function splitFrontMatter(text: string): FrontMatter {
  const lines = text.split('\n');
  const fence = lines[0]?.trimEnd();
  if (fence === '---' || fence === '+++') {
    const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === fence);
    if (end < 0) return { kind: 'unclosed', block: '', blockLine: 1, body: text, bodyLine: 1 };
    return cut(fence === '---' ? 'yaml' : 'toml', lines, 1, end, end + 1);
  }
  if (PELICAN.test(lines[0] ?? '')) {
    const blank = lines.findIndex((line) => line.trim() === '');
    const end = blank < 0 ? lines.length : blank;
    if (lines.slice(0, end).every((line) => /^(\w[\w-]*:|\s+\S)/.test(line)))
      return cut('lines', lines, 0, end, end);
  }
  return { kind: 'none', block: '', blockLine: 1, body: text, bodyLine: 1 };
}

function cut(
  kind: FrontMatter['kind'],
  lines: string[],
  from: number,
  to: number,
  body: number,
): FrontMatter {
  return {
    kind,
    block: lines.slice(from, to).join('\n'),
    blockLine: from + 1,
    body: lines.slice(body).join('\n'),
    bodyLine: body + 1,
  };
}
