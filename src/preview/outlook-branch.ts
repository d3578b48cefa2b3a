/**
 * The mail as Outlook's Word engine reads it (version 16): conditional comments that hold for it are opened, those for
 * others taken out. Only the branch is Word's; the browser still lays it out.
 */
export function outlookBranch(html: string): string {
  return html
    .replace(
      /<!--\[if ([^\]]{1,100})\]>(?:<!-->)?([\s\S]*?)(?:<!--)?<!\[endif\]-->/g,
      (_all, condition: string, content: string) => (holds(condition) ? content : ''),
    )
    .replace(/\smso-[a-z-]+\s*:[^;"]*;?/gi, '');
}

function holds(condition: string): boolean {
  return condition
    .split('|')
    .some((some) => some.split('&').every((one) => holdsOne(one.replace(/[()]/g, '').trim())));
}

function holdsOne(term: string): boolean {
  if (term.startsWith('!')) return !holdsOne(term.slice(1).trim());
  const match = /^(?:(gte|lte|gt|lt)\s+)?mso(?:\s+(\d+))?$/i.exec(term);
  if (!match) return false;
  const [, operator, text] = match;
  const version = Number(text ?? 16);
  switch (operator?.toLowerCase()) {
    case 'gte':
      return 16 >= version;
    case 'lte':
      return 16 <= version;
    case 'gt':
      return 16 > version;
    case 'lt':
      return 16 < version;
    default:
      return version === 16;
  }
}
