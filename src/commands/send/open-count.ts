import type { Terminal } from '../../terminal.ts';

/** How often a person who waits is told, ms. */
const EVERY = 3000;

/** Gives a function to be called for each one: it says how many there were, now and then. `total`, where it is known. */
export function openCount(terminal: Terminal, what: string, total?: number): () => void {
  const of = total === undefined ? '' : ` of ${total.toLocaleString('en')}`;
  let count = 0;
  let said = performance.now();
  return () => {
    count += 1;
    // The clock is not asked for every row.
    if (count % 1000 !== 0 || performance.now() - said < EVERY) return;
    said = performance.now();
    terminal.say(`${count.toLocaleString('en')}${of} ${what}`);
  };
}
