/** The first `length` characters of a text, cut at a word and never inside a merge field. */
export function cutAtWord(text: string, length: number): string {
  const points = [...text];
  if (points.length <= length) return text;
  const cut = points.slice(0, length).join('');
  const open = cut.lastIndexOf('{{');
  if (open > cut.lastIndexOf('}}')) {
    const close = text.indexOf('}}', open);
    if (close >= 0) return open > 0 ? ended(cut.slice(0, open)) : text.slice(0, close + 2);
  }
  const space = cut.lastIndexOf(' ');
  return ended(space > length / 2 ? cut.slice(0, space) : cut);
}

function ended(text: string): string {
  const points = [...text];
  return `${points.slice(0, points.findLastIndex((point) => !' ,;:.–-'.includes(point)) + 1).join('')}…`;
}
