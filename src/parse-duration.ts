/** Reads `90s`, `30m`, `2h`, `1d` as milliseconds; null when it is none of these. A leaf. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,5})(s|m|h|d)$/.exec(text.trim());
  if (!match) return null;
  return (
    Number(match[1]) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 's' | 'm' | 'h' | 'd']
  );
}
