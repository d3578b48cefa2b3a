import type { PlaceAnswer, PlaceAsk } from '../campaign/place.ts';
import { DAY, relayWindows, type Window, windowsOf } from '../campaign/windows.ts';
import { type Database, first, type Statements } from './database.ts';
import type { GroupCommit } from './group-commit.ts';
import type { ProcessIdentity } from './this-process.ts';

/**
 * Limits, kept by all processes that share the ledger. Every message takes a place before the server is spoken to, in a
 * transaction that sees all others; it counts in each window from then on, and by the instant at which it began once it has.
 */
export interface Places {
  takePlace(ask: PlaceAsk, now: number): Promise<PlaceAnswer>;
  /** Its message has not begun and will not: without effect once it has. */
  givePlaceBack(place: number): Promise<void>;
  /** When messages through a relay, or to a domain, began since an instant, oldest first. */
  begunThere(where: 'relay' | 'domain', name: string, since: number): Promise<number[]>;
  /** When the first message through a relay began; null: none has, or none since limits are kept. */
  firstBegun(relay: string): Promise<number | null>;
}

/** Where a place stands whose message has not begun: in every window. */
const HELD = Number.MAX_SAFE_INTEGER;

/** Places whose messages have not begun are used or given back soon: asked again then, ms; at once when they are all. */
const SOON = { some: 1000, all: 50 };

interface Count {
  readonly used: number;
  readonly turn: number;
  readonly at: number;
}

/** One transaction that takes a place, and what it has counted. */
interface Turn {
  readonly at: number;
  readonly turn: number;
  readonly seen: Map<string, Count>;
}

export const GIVE_BACK_HELD = `DELETE FROM begins WHERE owner = ? AND at = ${HELD}`;

export function places(database: Database, identity: ProcessIdentity, grouped: GroupCommit): Places {
  const { read } = database;
  /** How many places a window held when it was last counted, and whose turn that was. */
  const counted = new Map<string, Count>();

  /** The first instant at which there is room in all windows: `at` or before when there is now. */
  const roomAt = async (
    tx: Statements,
    where: 'relay' | 'domain',
    name: string,
    windows: readonly Window[],
    { at, turn, seen }: Turn,
  ): Promise<number> => {
    let until = at;
    const place = async (after: number, nth: number) =>
      first(
        await tx.all(
          `SELECT at FROM begins WHERE ${where} = ? AND at > ? ORDER BY at DESC LIMIT 1 OFFSET ?`,
          name,
          after,
          nth,
        ),
      )?.at;
    for (const { most, length } of windows) {
      const key = `${where} ${name} ${length}`;
      const before = counted.get(key);
      // At most one place was taken in each turn since, and time only ever ends some: a million are not counted each time.
      if (before && before.at <= at && before.used + turn - before.turn < most) continue;
      const [row] = await tx.all(
        `SELECT COUNT(*) AS used FROM (SELECT 1 FROM begins WHERE ${where} = ? AND at > ? LIMIT ?) AS inside`,
        name,
        at - length,
        most,
      );
      const used = Number(row!.used);
      seen.set(key, { used, turn, at });
      if (used < most) continue;
      // The place whose end makes room. Half open: a message `length` after another is the first outside its window.
      const oldest = await place(at - length, most - 1);
      until = Math.max(until, oldest === HELD ? at + SOON.all : Number(oldest) + length);
    }
    if (until > at && (await place(at, 0)) === HELD) until = Math.min(until, at + SOON.some);
    return until;
  };

  return {
    async takePlace({ relay, limits, domain, domainLimits }, now) {
      const seen = new Map<string, Count>();
      const answer = await grouped(async (tx): Promise<PlaceAnswer> => {
        seen.clear();
        // One at a time: who waits for this row sees, when it has it, the places that others took before.
        const [row] = await tx.all("UPDATE pace SET value = value + 1 WHERE name = 'turn' RETURNING value");
        const at = await timeOf(database, tx, identity, now);
        // Nothing can have begun later than now: another machine's clock, or another start of this one, was wrong.
        await tx.run(`UPDATE begins SET at = ? WHERE at > ? AND at < ${HELD}`, at, at);
        await tx.run('DELETE FROM begins WHERE at < ?', at - 2 * DAY);
        const since = limits.warmUp && (await sinceOf(tx, relay));
        const turn = { at, turn: Number(row!.value), seen };
        const free = await roomAt(tx, 'relay', relay, relayWindows(limits, since, at), turn);
        if (free > at) return { full: 'relay', wait: free - at };
        const there = domainLimits ? await roomAt(tx, 'domain', domain, windowsOf(domainLimits), turn) : at;
        if (there > at) return { full: 'domain', wait: there - at };
        const [taken] = await tx.all(
          'INSERT INTO begins (relay, domain, at, owner) VALUES (?, ?, ?, ?) RETURNING id',
          relay,
          domain,
          HELD,
          identity.id,
        );
        return { place: Number(taken!.id) };
      });
      // Not before it is committed: a turn that was undone is another's.
      for (const [key, count] of seen) counted.set(key, count);
      return answer;
    },
    givePlaceBack: (place) => grouped((tx) => giveBack(tx, place)),
    async begunThere(where, name, since) {
      const rows = await read(
        `SELECT at FROM begins WHERE ${where} = ? AND at > ? AND at < ${HELD} ORDER BY at`,
        name,
        since,
      );
      return rows.map(({ at }) => Number(at));
    },
    async firstBegun(relay) {
      return sinceOf({ all: read, run: async () => 0 }, relay);
    },
  };
}

/** The message of a place begins. */
export async function begin(
  database: Database,
  tx: Statements,
  identity: ProcessIdentity,
  place: number | null,
  now: number,
): Promise<void> {
  if (place !== null)
    await tx.run('UPDATE begins SET at = ? WHERE id = ?', await timeOf(database, tx, identity, now), place);
}

export async function giveBack(tx: Statements, place: number | null): Promise<void> {
  if (place !== null) await tx.run(`DELETE FROM begins WHERE id = ? AND at = ${HELD}`, place);
}

/** When a relay was first used. Remembered for good when it is first asked for: `begins` forgets after two days. */
async function sinceOf(tx: Statements, relay: string): Promise<number | null> {
  const known = first(await tx.all('SELECT value FROM pace WHERE name = ?', `since ${relay}`));
  if (known) return Number(known.value);
  const [row] = await tx.all(`SELECT MIN(at) AS at FROM begins WHERE relay = ? AND at < ${HELD}`, relay);
  if (row?.at === null || row?.at === undefined) return null;
  await tx.run('INSERT INTO pace VALUES (?, ?)', `since ${relay}`, row.at);
  return Number(row.at);
}

/**
 * The time that limits count in: a clock that is put forward by a day must not make yesterday's messages of today's. Of a
 * file, when this machine was started, by its clock when that was first asked, and how long ago that is. Of a server that
 * several machines use, the server's clock.
 */
async function timeOf(
  database: Database,
  tx: Statements,
  identity: ProcessIdentity,
  now: number,
): Promise<number> {
  const uptime = identity.uptime();
  if (!database.ownClock || uptime === null) return database.clock(tx, now);
  const name = `started ${identity.host}`;
  const known = first(await tx.all('SELECT value FROM pace WHERE name = ?', name));
  if (known) return Number(known.value) + uptime;
  // Machines that live for one run leave one of these behind each.
  await tx.run("DELETE FROM pace WHERE name LIKE 'started %' AND value < ?", now - 60 * DAY);
  await tx.run('INSERT INTO pace VALUES (?, ?)', name, Math.round(now - uptime));
  return now;
}
