import { SingleBar } from 'cli-progress';
import type { Counts } from '../../campaign/campaign.ts';
import type { Outcome } from '../../mail.ts';

/** Shows how a delivery goes: a bar on a terminal, else a line every 10 seconds, on standard error. */
export interface Progress {
  settled(kind: Outcome['kind']): void;
  close(): void;
}

export function openProgress(counts: Counts, quiet: boolean): Progress {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const tally = {
    accepted: counts.accepted,
    rejected: counts.rejected,
    uncertain: counts.uncertain,
    deferred: 0,
  };
  let done = total - counts.queued - counts.claimed - counts.sending;
  const began = performance.now();
  const first = done;
  if (quiet) return { settled: () => {}, close: () => {} };
  const words = () => {
    const rate = ((done - first) / Math.max((performance.now() - began) / 1000, 0.001)).toFixed(0);
    const troubles = (['deferred', 'rejected', 'uncertain'] as const).filter((name) => tally[name] > 0);
    return [
      `${tally.accepted} accepted`,
      ...troubles.map((name) => `${tally[name]} ${name}`),
      `${rate}/s`,
    ].join(', ');
  };
  const bar = process.stderr.isTTY
    ? new SingleBar({
        format: '{bar} {percentage}% | {words} | {eta_formatted} left',
        stream: process.stderr,
        hideCursor: true,
        // All of it within 80 columns.
        barsize: 16,
      })
    : null;
  bar?.start(total, done, { words: words() });
  const timer = bar
    ? null
    : setInterval(() => process.stderr.write(`${done} of ${total}: ${words()}\n`), 10_000);
  return {
    settled(kind) {
      tally[kind] += 1;
      if (kind !== 'deferred') done += 1;
      bar?.update(done, { words: words() });
    },
    close() {
      bar?.stop();
      if (timer) clearInterval(timer);
    },
  };
}
