import { createHmac } from 'node:crypto';
import type { Suppression } from './audience.ts';

const HEADER = 'reader,list,reason,at';

const REASONS: readonly string[] = ['unsubscribed', 'bounced', 'complained', 'manual', 'left'];

/** Before the name of a reader whose address was erased: it stands where their key stood. */
const ERASED = '#';

/**
 * The name of a reader in `subscribers/suppressed.csv`: a keyed hash, for the file is kept in git and shall not tell
 * who left. It changes with the secret, but for a reader who was erased: then it is all that is left.
 */
export function suppressedName(secret: string, key: string): string {
  if (key.startsWith(ERASED)) return key.slice(ERASED.length);
  return createHmac('sha256', secret).update(`broadsheet:suppressed\n${key}`).digest('hex').slice(0, 32);
}

/** The key that a reader has in the ledger once their address is erased; no address begins like it and lacks an `@`. */
export function erasedKey(secret: string, key: string): string {
  return `${ERASED}${suppressedName(secret, key)}`;
}

/**
 * Why a reader may not be mailed on a list, by the file's text, whichever of the live secrets their name was made with;
 * lines that are none of ours are passed over.
 */
export function readSuppressed(
  text: string,
  secrets: readonly string[],
  list: string,
): (key: string) => Suppression['reason'] | null {
  const reasons = new Map<string, Suppression['reason']>();
  for (const line of text.split(/\r?\n/)) {
    const [name = '', of = '', reason = ''] = line.split(',');
    if ((of === '' || of === list) && REASONS.includes(reason))
      reasons.set(name, reason as Suppression['reason']);
  }
  return (key) => {
    if (reasons.size === 0) return null;
    const name = secrets.map((secret) => suppressedName(secret, key)).find((one) => reasons.has(one));
    return name === undefined ? null : reasons.get(name)!;
  };
}

/**
 * The file's text with more suppressions: sorted, one a line, so that two branches merge. Who is there already keeps
 * their line, and lines that cannot be read stay.
 */
export function addSuppressed(text: string, suppressions: readonly Suppression[], secret: string): string {
  const lines = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line === HEADER) continue;
    lines.set(line.split(',').slice(0, 2).join(','), line);
  }
  for (const { key, list, reason, at } of suppressions) {
    const place = `${suppressedName(secret, key)},${list ?? ''}`;
    if (!lines.has(place)) lines.set(place, `${place},${reason},${at}`);
  }
  return `${[HEADER, ...[...lines.values()].sort()].join('\n')}\n`;
}
