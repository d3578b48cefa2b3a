import { SingleBar } from 'cli-progress';
import type { Terminal } from '../../terminal.ts';

const EVERY = 10_000;

/**
 * Shows how far something is, on standard error: a bar on a terminal, which goes when all is done, else a line every ten
 * seconds. `what` names the things, `total` counts them.
 */
export function openProgress(
  terminal: Pick<Terminal, 'say'>,
  what: string,
  total: number,
  { quiet, isTerminal }: { readonly quiet: boolean; readonly isTerminal: boolean },
): { step(): void; close(): void } {
  let done = 0;
  const count = (number: number) => number.toLocaleString('en');
  const bar =
    isTerminal && !quiet
      ? new SingleBar({
          format: `{bar} {value} of {total} ${what} | {eta_formatted} left`,
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
        })
      : null;
  bar?.start(total, 0);
  const timer = bar
    ? null
    : setInterval(() => terminal.say(`${count(done)} of ${count(total)} ${what}`), EVERY);
  return {
    step() {
      done += 1;
      bar?.update(done);
    },
    close() {
      bar?.stop();
      if (timer) clearInterval(timer);
    },
  };
}
