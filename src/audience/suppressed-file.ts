import { createHmac } from 'node:crypto';
import type { Suppression } from './audience.ts';

const HEADER = 'reader,list,reason,at';

const REASONS: readonly string[] = ['unsubscribed', 'bounced', 'complained', 'manual', 'left'];

/** What git writes around the two sides of a merge that it leaves to a person. */
const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})/;

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

/** Was this reader erased? `kept` holds their name, made with one of the live secrets, in place of their key. */
export function isErased(
  kept: ReadonlyMap<string, unknown>,
  secrets: readonly string[],
  key: string,
): boolean {
  return secrets.some((secret) => kept.has(erasedKey(secret, key)));
}

/** Why a reader may not be mailed on a list: as the ledger says (`kept`, by key), else as the file does. */
export function whySuppressed(
  kept: ReadonlyMap<string, Suppression['reason']>,
  file: string,
  secrets: readonly string[],
  list: string,
): (key: string) => Suppression['reason'] | null {
  const inFile = readSuppressed(file, secrets, list);
  // A hash for each reader: only where somebody was erased.
  const erased = kept.keys().some((key) => key.startsWith(ERASED));
  return (key) => kept.get(key) ?? (erased && isErased(kept, secrets, key) ? 'left' : inFile(key));
}

/** A line of the file: the keyed name of a reader, and what is said of them. */
export interface SuppressedLine {
  readonly name: string;
  /** Null: on all lists. */
  readonly list: string | null;
  readonly reason: Suppression['reason'];
  readonly at: string;
}

/** The file's lines; with the numbers of those that git wrote because it could not merge, and of those that are none of ours. */
export function readSuppressedLines(text: string): {
  readonly lines: readonly SuppressedLine[];
  readonly conflicts: readonly number[];
  readonly strange: readonly number[];
} {
  const lines: SuppressedLine[] = [];
  const conflicts: number[] = [];
  const strange: number[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const [name = '', list = '', reason = '', at = ''] = line.trim().split(',');
    if (line.trim() === '' || line.trim() === HEADER) return;
    if (CONFLICT.test(line)) conflicts.push(index + 1);
    else if (REASONS.includes(reason) && /^[0-9a-f]{32}$/.test(name))
      lines.push({ name, list: list === '' ? null : list, reason: reason as Suppression['reason'], at });
    else strange.push(index + 1);
  });
  return { lines, conflicts, strange };
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
  for (const line of readSuppressedLines(text).lines)
    if (line.list === null || line.list === list) reasons.set(line.name, line.reason);
  return (key) => {
    if (reasons.size === 0) return null;
    const name = secrets.map((secret) => suppressedName(secret, key)).find((one) => reasons.has(one));
    return name === undefined ? null : reasons.get(name)!;
  };
}

/**
 * The file's text with more suppressions: sorted, one a line, so that two branches merge. Who is there already keeps
 * their line, and lines that cannot be read stay, but for the marks of a merge that git left to us: both sides count.
 */
export function addSuppressed(text: string, suppressions: readonly Suppression[], secret: string): string {
  const lines = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line === HEADER || CONFLICT.test(line)) continue;
    lines.set(line.split(',').slice(0, 2).join(','), line);
  }
  for (const { key, list, reason, at } of suppressions) {
    const place = `${suppressedName(secret, key)},${list ?? ''}`;
    if (!lines.has(place)) lines.set(place, `${place},${reason},${at}`);
  }
  return `${[HEADER, ...[...lines.values()].sort()].join('\n')}\n`;
}
