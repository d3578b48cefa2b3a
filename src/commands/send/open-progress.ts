import type { Counts } from '../../campaign/campaign.ts';
import { number } from '../../report/in-words.ts';
import { type Meter, openMeter } from '../../report/meter.ts';
import { fitted, progressWords } from '../../report/progress-words.ts';

/** Shows how a delivery goes: a bar on a terminal, else a line every 10 seconds, on standard error. */
export interface Progress extends Pick<Meter, 'settled'> {
  /** Lets something else be said on the terminal. */
  beside(say: () => void): void;
  close(): void;
}

/** What is written to: standard error. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Columns of the bar. */
const BAR = 10;
/** To the first column, and what stands in the line taken away. */
const CLEAR = '\r\u001b[2K';
const LINE = 10_000;
const REDRAW = 250;

/**
 * `finish`: when it will be over under the limits, ms since 1970, with so many left. It may take long to find out for a
 * long list, so it is asked again no sooner than two hundred times as long after.
 */
export function openProgress(
  counts: Counts,
  quiet: boolean,
  finish: (left: number) => Promise<number>,
  stderr: Screen = process.stderr,
): Progress {
  const meter = openMeter(counts, Date.now());
  if (quiet) return { settled: () => {}, beside: (say) => say(), close: () => {} };
  let underLimits = 0;
  let askAgain = 0;
  let asking = false;

  const ask = async (left: number) => {
    asking = true;
    const began = performance.now();
    // Only an estimate: what is wrong with the ledger is told by the sending itself.
    underLimits = await finish(left).catch(() => 0);
    const took = performance.now() - began;
    askAgain = Date.now() + Math.max(LINE, took * 200);
    asking = false;
  };

  const words = (now: number): { readonly done: number; readonly parts: string[] } => {
    const reading = meter.read(now);
    const left = reading.total - reading.done;
    if (left > 0 && !asking && now >= askAgain) void ask(left);
    const rate = reading.rateNow || reading.rateMean;
    const byRate = rate > 0 ? (left / rate) * 1000 : null;
    const takes = byRate === null || left === 0 ? null : Math.max(byRate, underLimits - now);
    return { done: reading.done, parts: progressWords(reading, takes) };
  };

  const { total } = meter.read(Date.now());
  if (!stderr.isTTY) {
    const timer = setInterval(() => {
      const { done, parts } = words(Date.now());
      stderr.write(`${number(done)} of ${number(total)}: ${parts.join(', ')}\n`);
    }, LINE);
    return { settled: meter.settled, beside: (say) => say(), close: () => clearInterval(timer) };
  }
  const draw = () => {
    const { done, parts } = words(Date.now());
    const share = total === 0 ? 1 : done / total;
    const bar = '='.repeat(Math.round(share * BAR)).padEnd(BAR, '-');
    const head = `${bar} ${String(Math.floor(share * 100)).padStart(3)}% | `;
    // One column less than there are: a full line would wrap, and the next drawing begin one line further down.
    stderr.write(`${CLEAR}${head}${fitted(parts, Math.max((stderr.columns || 80) - 1 - head.length, 20))}`);
  };
  const timer = setInterval(draw, REDRAW);
  return {
    settled: meter.settled,
    beside(say) {
      stderr.write(CLEAR);
      say();
      draw();
    },
    close() {
      clearInterval(timer);
      draw();
      stderr.write('\n');
    },
  };
}
