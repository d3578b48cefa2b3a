/**
 * Wraps at white space so that lines have at most `width` columns where words allow it. U+2028 is a hard break. Runs
 * of CJK text, which has no spaces, are cut between characters; wide characters count twice.
 */
export function wrap(text: string, width: number): string {
  return text
    .split('\u2028')
    .map((line) => wrapLine(line.trim(), width))
    .join('\n');
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

function wrapLine(line: string, width: number): string {
  const isWide = line.search(WIDE) >= 0;
  const lines: string[] = [];
  let current = '';
  let filled = 0;
  const add = (piece: string, space: string) => {
    const wide = isWide ? columns(piece) : piece.length;
    if (current !== '' && filled + space.length + wide > width) {
      lines.push(current);
      current = piece;
      filled = wide;
    } else {
      current += space + piece;
      filled += space.length + wide;
    }
  };
  for (const word of line.split(/[ \t\n]+/)) {
    let space = current === '' ? '' : ' ';
    for (const piece of isWide ? cutWide(word) : [word]) {
      add(piece, space);
      space = '';
    }
  }
  lines.push(current);
  return lines.join('\n');
}

/** A word's parts between which a line may end: after each wide character, but not before closing punctuation. */
function cutWide(word: string): string[] {
  if (columns(word) === word.length) return [word];
  return (
    word.match(
      /[\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60][、。，．！？：；）」』】》〉”’]*|[^\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]+/g,
    ) ?? [word]
  );
}

function columns(text: string): number {
  return text.length + (text.match(WIDE)?.length ?? 0);
}
