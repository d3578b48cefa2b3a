import { isTooDeep } from './too-deep.ts';

/** Elements before which a paragraph ends (HTML Standard, 13.2.6.4.7). */
const BLOCKS = new Set(
  (
    'address article aside blockquote center dd details dir div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li ' +
    'main nav ol p pre section summary table ul'
  ).split(' '),
);

/** Where these may stand; anywhere else they would end an element around them, perhaps one of the layout. */
const PARENTS: Readonly<Record<string, string>> = {
  td: 'tr',
  th: 'tr',
  tr: 'table tbody thead tfoot',
  tbody: 'table',
  thead: 'table',
  tfoot: 'table',
  caption: 'table',
  colgroup: 'table',
  col: 'colgroup',
  li: 'ul ol',
  dt: 'dl',
  dd: 'dl',
};

/** Those that part words, and so become a `div` where they may not stand; the others just go. */
const PARTING = new Set(['td', 'th', 'caption', 'li', 'dt', 'dd']);
const VOID = new Set(['br', 'hr', 'img', 'wbr', 'col']);
const HEADING = /^h[1-6]$/;

interface Open {
  /** What it is now; '' when its tags are left out. */
  as: string;
  readonly at: number;
}

/**
 * Gives sanitised HTML the structure that a browser would else make of it by moving and closing elements: a lone `<td>`
 * would end the mail's own cell, a block in a paragraph the paragraph. Takes HTML whose tags are balanced and quoted.
 */
export function nest(html: string): string {
  // It will be refused; to look at each of 10,000 ancestors of 10,000 elements takes seconds.
  if (isTooDeep(html)) return html;
  const pieces: string[] = [];
  const open: Open[] = [];
  let last = 0;
  for (const match of html.matchAll(/<(\/?)([a-z][a-z\d]*)([^<>]*)>/g)) {
    const [tag, slash, name, rest] = match as unknown as [string, string, string, string];
    pieces.push(html.slice(last, match.index));
    last = match.index + tag.length;
    if (slash) {
      const as = open.pop()?.as ?? '';
      pieces.push(as && `</${as}>`);
      continue;
    }
    const as = placed(name, open);
    if (BLOCKS.has(as)) divide(open, pieces);
    if (!VOID.has(name)) open.push({ as, at: pieces.length });
    pieces.push(as && (as === name ? tag : `<${as}${as === 'div' ? '' : rest}>`));
  }
  return pieces.join('') + html.slice(last);
}

/** What an element may be where it stands. */
function placed(name: string, open: readonly Open[]): string {
  const around = open.findLast(({ as }) => as !== '')?.as ?? '';
  const parents = PARENTS[name];
  if (parents && !parents.split(' ').includes(around)) return PARTING.has(name) ? 'div' : '';
  if (name === 'a' && open.some(({ as }) => as === 'a')) return '';
  // In a table, but in none of its cells.
  if (name === 'table' && /^t(?:able|body|head|foot|r)$/.test(open.findLast(isOfTable)?.as ?? '')) return '';
  return HEADING.test(name) && HEADING.test(around) ? '' : name;
}

function isOfTable({ as }: Open): boolean {
  return /^(?:table|tbody|thead|tfoot|tr|td|th|caption)$/.test(as);
}

/** Paragraphs that hold a block are no paragraphs; a cell begins anew. */
function divide(open: readonly Open[], pieces: string[]): void {
  for (const one of open.toReversed()) {
    if (/^(?:td|th|caption|table)$/.test(one.as)) return;
    if (one.as !== 'p') continue;
    one.as = 'div';
    pieces[one.at] = pieces[one.at]!.replace(/^<p/, '<div');
  }
}
