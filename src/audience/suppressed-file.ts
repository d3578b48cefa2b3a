import { createHmac } from 'node:crypto';
import type { Suppression } from './audience.ts';

const HEADER = 'reader,list,reason,at';

const REASONS: readonly string[] = ['unsubscribed', 'bounced', 'complained', 'manual', 'left'];

/** What git writes around the two sides of a merge that it leaves to a person. */
const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})/;

/** No confirmation of a reader lifts these. */
const FOR_GOOD: readonly Suppression['reason'][] = ['complained', 'manual'];

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

/** What the ledger knows of a list's readers. */
export interface KeptReaders {
  /** Who is suppressed there, by key. */
  readonly suppressed: ReadonlyMap<string, Suppression['reason']>;
  /** When they last confirmed that they want to be on it, ms since 1970, by key. */
  readonly confirmed: ReadonlyMap<string, number>;
}

/** Of a list of which there is no ledger. */
export const NOBODY_KEPT: KeptReaders = { suppressed: new Map(), confirmed: new Map() };

/** Why a reader may not be mailed on a list: as the ledger says, else as the file does, unless they came back since. */
export function whySuppressed(
  kept: KeptReaders,
  file: string,
  secrets: readonly string[],
  list: string,
): (key: string) => Suppression['reason'] | null {
  const inFile = readSuppressed(file, secrets, list, kept.confirmed);
  // A hash for each reader: only where somebody was erased.
  const erased = kept.suppressed.keys().some((key) => key.startsWith(ERASED));
  return (key) =>
    kept.suppressed.get(key) ?? (erased && isErased(kept.suppressed, secrets, key) ? 'left' : inFile(key));
}

/** Has the reader come back since? A complaint, and what the author said by hand, stays in any case. */
export function isLifted(
  { reason, at }: Pick<SuppressedLine, 'reason' | 'at'>,
  confirmedAt?: number,
): boolean {
  if (confirmedAt === undefined || FOR_GOOD.includes(reason)) return false;
  return !(Date.parse(at) >= confirmedAt);
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
  confirmed: KeptReaders['confirmed'] = NOBODY_KEPT.confirmed,
): (key: string) => Suppression['reason'] | null {
  const { lines } = readSuppressedLines(text);
  const byName = Map.groupBy(
    lines.filter((line) => line.list === null || line.list === list),
    ({ name }) => name,
  );
  return (key) => {
    if (byName.size === 0) return null;
    const own = secrets.flatMap((secret) => byName.get(suppressedName(secret, key)) ?? []);
    return own.find((line) => !isLifted(line, confirmed.get(key)))?.reason ?? null;
  };
}

/** The file's text without these lines. */
export function dropSuppressed(text: string, dropped: ReadonlySet<SuppressedLine>): string {
  const places = new Set([...dropped].map(({ name, list }) => `${name},${list ?? ''}`));
  return text
    .split(/\r?\n/)
    .filter((line) => !places.has(line.trim().split(',', 2).join(',')))
    .join('\n');
}

/**
 * The file's text with more suppressions: sorted, one a line, so that two branches merge. Who is there already keeps
 * their line, and lines that cannot be read stay, but for the marks of a merge that git left to us: both sides count.
 */
export function addSuppressed(text: string, suppressions: readonly Suppression[], secret: string): string {
  const lines = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.trim() === HEADER || CONFLICT.test(line)) continue;
    const [read] = readSuppressedLines(line).lines;
    // What cannot be read must not take the place of what can.
    const place = read ? `${read.name},${read.list ?? ''}` : line;
    // Of two sides of a merge a complaint counts, for it is never taken back.
    if (!lines.has(place) || (read && FOR_GOOD.includes(read.reason)))
      lines.set(place, read ? `${place},${read.reason},${read.at}` : line);
  }
  for (const { key, list, reason, at } of suppressions) {
    const place = `${suppressedName(secret, key)},${list ?? ''}`;
    if (!lines.has(place)) lines.set(place, `${place},${reason},${at}`);
  }
  return `${[HEADER, ...[...lines.values()].sort()].join('\n')}\n`;
}
