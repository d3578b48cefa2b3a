import type { Latency } from './report.ts';

/** Counts times in bins of 5 %, so that a million of them take no room, and gives their percentiles to that precision. */
export interface Histogram {
  add(ms: number): void;
  /** Null: nothing was added. */
  read(): Latency | null;
}

const STEP = Math.log(1.05);

export function openHistogram(): Histogram {
  const bins = new Map<number, number>();
  let total = 0;
  let longest = 0;
  return {
    add(ms) {
      const time = Math.max(ms, 1);
      const bin = Math.ceil(Math.log(time) / STEP);
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
      total += 1;
      longest = Math.max(longest, time);
    },
    read() {
      if (total === 0) return null;
      const sorted = [...bins]
        .sort(([one], [other]) => one - other)
        .map(([bin, count]) => ({ upTo: Math.min(Math.exp(bin * STEP), longest), count }));
      const percentile = (part: number) => {
        let left = Math.ceil(total * part);
        return sorted.find(({ count }) => (left -= count) <= 0)!.upTo;
      };
      return { p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99), longest, bins: sorted };
    },
  };
}
