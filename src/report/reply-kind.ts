/**
 * What a reply says, without what differs from reader to reader: addresses, queue ids, hosts. So a thousand refusals for
 * one reason are one line.
 */
export function replyKind(reply: string): string {
  return reply
    .slice(0, 300)
    .replace(/<[^<>]*>/g, '<…>')
    .replace(/\[[^[\]]*\]/g, '[…]')
    .split(/\s+/)
    .map((word) =>
      word.includes('@') ? '…' : word.replace(WORD, (_all, open, core, end) => open + kind(core) + end),
    )
    .join(' ')
    .replace(/…(?: …)+/g, '…')
    .trim();
}

/** A word and what punctuation stands around it. */
const WORD = /^(["'(=]*)([^"'),;]*?)([.:"'),;]*)$/;

function kind(word: string): string {
  if (/^https?:/i.test(word)) return word.replace(/(?=[\w-]*\d)[\w-]{12,}/g, '…');
  // Letters with a digit among them are an id, when there are many: codes and short numbers stay.
  return /^(?=.*\d)[\w-]{6,}$|^\d+(?:\.\d+){3}$/.test(word) ? '…' : word;
}
