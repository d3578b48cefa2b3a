/**
 * The body with fenced and indented code, code spans and HTML comments turned into spaces; line ends and offsets stay.
 * Rules about words search it, so that no rule fires on code (CommonMark 0.31 §4.4, §4.5, §6.1; indented code only
 * after a blank line and outside lists, where four spaces mean something else). Linear in the body's length.
 */
export function proseOf(body: string): string {
  let fence = '';
  let blankBefore = true;
  let inList = false;
  const lines = body.split('\n').map((line) => {
    const mark = /^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(`{3,}|~{3,})(.*)$/.exec(line);
    if (fence !== '') {
      const closes = mark?.[1]?.startsWith(fence) && mark[2]!.trim() === '';
      if (closes) fence = '';
      return blank(line);
    }
    if (mark && !(mark[1]!.startsWith('`') && mark[2]!.includes('`'))) {
      fence = mark[1]!;
      return blank(line);
    }
    const isBlank = line.trim() === '';
    const indented = /^(?: {4}|\t)/.test(line);
    if (/^ {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]/.test(line)) inList = true;
    else if (!isBlank && !/^[ \t]/.test(line) && blankBefore) inList = false;
    const isCode = indented && blankBefore && !inList && !isBlank;
    blankBefore = isBlank || isCode;
    return isCode ? blank(line) : line;
  });
  return blankComments(blankSpans(lines.join('\n')));
}

/** A code span ends with as many backticks as it began with, within its paragraph. */
function blankSpans(text: string): string {
  return text
    .split(/(\n[ \t]*\n)/)
    .map((paragraph) => {
      let result = '';
      let from = 0;
      let open: { at: number; ticks: string } | null = null;
      const runs = [...paragraph.matchAll(/`+/g)];
      const counts = Map.groupBy(runs, (run) => run[0].length);
      for (const run of runs) {
        counts.get(run[0].length)!.shift();
        if (open === null) {
          const escaped = paragraph[run.index - 1] === '\\' && run[0].length === 1;
          if (!escaped && counts.get(run[0].length)!.length > 0) open = { at: run.index, ticks: run[0] };
        } else if (run[0] === open.ticks) {
          const end = run.index + run[0].length;
          result += paragraph.slice(from, open.at) + blank(paragraph.slice(open.at, end));
          from = end;
          open = null;
        }
      }
      return result + paragraph.slice(from);
    })
    .join('');
}

function blankComments(text: string): string {
  let result = '';
  let from = 0;
  for (;;) {
    const open = text.indexOf('<!--', from);
    const close = open < 0 ? -1 : text.indexOf('-->', open);
    if (close < 0) return result + text.slice(from);
    result += text.slice(from, open) + blank(text.slice(open, close + 3));
    from = close + 3;
  }
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
