/** The front matter of a file, cut from its body but not yet parsed. Lines count from 1. */
export interface FrontMatter {
  /** `unclosed`: no second fence. `foreign`: a fence that names a language that is not read, such as `---js`. */
  readonly kind: 'yaml' | 'toml' | 'lines' | 'none' | 'unclosed' | 'foreign';
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
  const fence = /^(---|\+\+\+)[ \t]*([a-z]*)[ \t]*$/i.exec(lines[0]!);
  if (fence) {
    const [, mark, language] = fence as unknown as [string, string, string];
    const kind = kindOf(mark, language.toLowerCase());
    if (kind === 'foreign') return whole(kind, text);
    const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === mark);
    if (end >= 0) return cut(kind, lines, 1, end, end + 1);
    // A file may begin with a thematic break: only keys below it make it a fence.
    return whole(/^[\w-]+[ \t]*[:=]/.test(lines[1] ?? '') ? 'unclosed' : 'none', text);
  }
  if (PELICAN.test(lines[0]!)) {
    const blank = lines.findIndex((line) => line.trim() === '');
    const end = blank < 0 ? lines.length : blank;
    if (lines.slice(0, end).every((line) => /^(\w[\w-]*:|\s+\S)/.test(line)))
      return cut('lines', lines, 0, end, end);
  }
  return whole('none', text);
}

function kindOf(mark: string, language: string): 'yaml' | 'toml' | 'foreign' {
  if (mark === '+++') return language === '' || language === 'toml' ? 'toml' : 'foreign';
  if (language === 'toml') return 'toml';
  return ['', 'yaml', 'yml'].includes(language) ? 'yaml' : 'foreign';
}

function whole(kind: FrontMatter['kind'], text: string): FrontMatter {
  return { kind, block: '', blockLine: 1, body: text, bodyLine: 1 };
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
