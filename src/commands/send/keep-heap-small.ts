import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's heap small from now on, for of a million readers and messages nothing lives for long. A young generation of
 * 4 MB instead of up to 96: planning them takes 70 MB less, and 4 % more CPU. And an old one that is collected when it
 * has grown by 30 %: a start without a compile cache let it wait for 170,000 messages, 252 MiB instead of 197.
 * (`--memory-saver-mode` takes 30 MiB less still, but makes the young one so small that a message takes 20 % more CPU.)
 */
export function keepHeapSmall(): void {
  for (const flag of ['--max-semi-space-size=4', '--semi-space-growth-factor=1', '--heap-growing-percent=30'])
    setFlagsFromString(flag);
}
