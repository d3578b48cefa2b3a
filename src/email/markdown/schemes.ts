/** Schemes of addresses that may be linked to in a mail. All others are taken out. */
export const SCHEMES = [
  'http', 'https', 'mailto', 'tel', 'xmpp', 'irc', 'ircs', 'sms', 'ftp', 'magnet', 'gopher', 'gemini',
]; // biome-ignore format: a list

/**
 * The scheme of an address in lower case, '' for a relative one. Read as browsers do, who skip white space and control
 * characters in it: `java\nscript:` runs.
 */
export function schemeOf(address: string): string {
  const bare = address
    .slice(0, 1000)
    .replace(/[\0-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\ufeff]|<!--.{0,100}?-->/g, '');
  return /^([a-z][a-z\d+.-]*):/i.exec(bare)?.[1]?.toLowerCase() ?? '';
}

/** May this address be linked to? */
export function isLinkable(address: string): boolean {
  const scheme = schemeOf(address);
  return scheme === '' || SCHEMES.includes(scheme);
}
