import type { Rate, RelayLimits } from '../newsletter.ts';
import { relayWindows, type Window, windowsOf } from './windows.ts';

/** One relay, or one domain, as it stands: its limits, and when messages to it began in the last day, oldest first. */
export interface Used<Limits> {
  readonly limits: Limits;
  readonly begun: readonly number[];
}

/** A message and its replies take about 10 ms at a near server. */
const EXCHANGE = 10;

/**
 * When the last of `count` messages will about have begun, ms since 1970, under all limits and with what was used of
 * them: each takes the relay that is free first. `domains`: those with limits, and how many messages go there.
 */
export function finishTime(
  now: number,
  count: number,
  relays: readonly (Used<RelayLimits> & { readonly since: number | null })[],
  domains: readonly (Used<Rate> & { readonly count: number })[],
): number {
  const connections = relays.reduce((sum, { limits }) => sum + limits.connections, 0);
  const queues = relays.map(({ limits, since, begun }) =>
    queueOf(begun, (at) => relayWindows(limits, since ?? now, at), limits.warmUp !== null),
  );
  return Math.max(
    now + (count / connections) * EXCHANGE,
    last(now, count, queues),
    ...domains.map(({ limits, begun, count: there }) =>
      last(now, there, [queueOf(begun, () => windowsOf(limits), false)]),
    ),
  );
}

/** When the last of `count` has begun; all queues work at once. */
function last(now: number, count: number, queues: readonly Queue[]): number {
  let at = now;
  const nexts = queues.map((queue) => queue.next(now));
  for (let sent = 0; sent < count; sent += 1) {
    let first = 0;
    for (let index = 1; index < nexts.length; index += 1) if (nexts[index]! < nexts[first]!) first = index;
    at = Math.max(at, nexts[first]!);
    // Nothing holds it back, so it takes all the rest at once.
    if (!queues[first]!.limited(at)) return at;
    queues[first]!.begin(at);
    nexts[first] = queues[first]!.next(at);
  }
  return at;
}

interface Queue {
  /** The first instant from `now` on at which a message may begin. */
  next(now: number): number;
  begin(at: number): void;
  limited(at: number): boolean;
}

function queueOf(
  begun: readonly number[],
  windowsAt: (at: number) => readonly Window[],
  changing: boolean,
): Queue {
  const times = [...begun];
  return {
    limited: (at) => windowsAt(at).length > 0,
    next(now) {
      // A warm-up's next day may come before a place is free under today's volume: looked at again every hour.
      for (let at = now; ; ) {
        const free = Math.max(
          at,
          ...windowsAt(at).map(({ most, length }) => (times[times.length - most] ?? -Infinity) + length),
        );
        if (free === at) return at;
        at = changing ? Math.min(free, at + 3_600_000) : free;
      }
    },
    begin: (at) => void times.push(at),
  };
}
