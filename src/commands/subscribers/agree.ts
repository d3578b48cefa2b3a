import { createInterface } from 'node:readline/promises';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';

/** Asks whether to go on, or takes `--confirm` for a yes. Gives an exit code. */
export async function agree(
  { terminal, signal }: Context,
  question: string,
  confirmed: boolean,
): Promise<number> {
  if (confirmed) return EXIT.ok;
  if (!terminal.interactive) {
    terminal.complain('Nobody is here to confirm: nothing was written.', 'Add --confirm');
    return EXIT.usage;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal });
    if (/^y(?:es)?$/i.test(answer.trim())) return EXIT.ok;
    terminal.complain('Nothing was written.');
    return EXIT.usage;
  } catch {
    return EXIT.interrupted;
  } finally {
    prompt.close();
  }
}
