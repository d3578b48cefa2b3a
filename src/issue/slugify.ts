/** A slug names files, links and campaigns: letters, digits, `.`, `_` and hyphens of any script, never a path. '' when nothing is left. */
export function slugify(text: string): string {
  const slug = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}._]+/gu, '-');
  // By code points, so that no half of a surrogate pair is left. Trimmed by hand: a pattern for both ends backtracks.
  const points = [...slug];
  const first = points.findIndex((point) => !'-._'.includes(point));
  if (first < 0) return '';
  const short = points.slice(first, first + 120);
  return short.slice(0, short.findLastIndex((point) => !'-._'.includes(point)) + 1).join('');
}
