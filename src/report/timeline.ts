import type { Timeline } from './report.ts';

/** Counts instants in intervals of one width, at least a second and doubled until all fit into `MOST`. */
export interface TimelineCounter {
  add(at: number): void;
  /** Null: nothing was added. */
  read(): Timeline | null;
}

/** More bars than that are no plot any more. */
const MOST = 120;

export function openTimeline(): TimelineCounter {
  let width = 1000;
  let counts = new Map<number, number>();
  let [first, last] = [Infinity, -Infinity];
  return {
    add(at) {
      let slot = Math.floor(at / width);
      while (Math.max(last, slot) - Math.min(first, slot) >= MOST) {
        width *= 2;
        const wider = new Map<number, number>();
        for (const [one, count] of counts) {
          const into = Math.floor(one / 2);
          wider.set(into, (wider.get(into) ?? 0) + count);
        }
        counts = wider;
        [first, last, slot] = [Math.floor(first / 2), Math.floor(last / 2), Math.floor(slot / 2)];
      }
      [first, last] = [Math.min(first, slot), Math.max(last, slot)];
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
    },
    read() {
      if (counts.size === 0) return null;
      const dense = Array.from({ length: last - first + 1 }, (_, index) => counts.get(first + index) ?? 0);
      return { from: first * width, width, counts: dense };
    },
  };
}
