import { SingleBar } from 'cli-progress';
import type { Terminal } from '../../terminal.ts';

const EVERY = 10_000;

/** Shows how far files are read, on standard error: a bar on a terminal, else a line every ten seconds. `total` in octets. */
export function openProgress(terminal: Terminal, total: number, quiet: boolean) {
  let octets = 0;
  let rows = 0;
  const words = () => `${rows.toLocaleString('en')} rows`;
  const bar =
    process.stderr.isTTY === true && !quiet
      ? new SingleBar({
          format: '{bar} {percentage}% | {words} | {eta_formatted} left',
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
          barsize: 24,
        })
      : null;
  bar?.start(total, 0, { words: words() });
  const timer = bar
    ? null
    : setInterval(
        () => terminal.say(`${words()} read, ${Math.floor((100 * octets) / Math.max(total, 1))} %`),
        EVERY,
      );
  return {
    row(): void {
      rows += 1;
    },
    /** Passes bytes on and counts them. */
    async *through(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        yield chunk;
        octets += chunk.length;
        bar?.update(octets, { words: words() });
      }
    },
    close(): void {
      bar?.stop();
      if (timer) clearInterval(timer);
    },
  };
}
