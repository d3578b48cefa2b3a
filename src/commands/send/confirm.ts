import { createInterface } from 'node:readline/promises';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { SendOptions } from '../send.ts';

/** Lets a person type the slug, or takes it from `--confirm`; what is under way needs no second word. Gives an exit code. */
export async function confirm(
  { terminal, signal }: Context,
  slug: string,
  options: SendOptions,
  resuming: boolean,
): Promise<number> {
  if (options.confirm !== undefined) {
    if (options.confirm === slug) return EXIT.ok;
    terminal.complain(`--confirm ${options.confirm} does not name this issue.`, `It is called ${slug}.`);
    return EXIT.usage;
  }
  if (resuming) {
    return EXIT.ok;
  }
  if (!terminal.interactive) {
    terminal.complain('Nobody is here to confirm.', `Add --confirm ${slug}`);
    return EXIT.usage;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`Type ${slug} to send: `, { signal });
    if (answer.trim() === slug) return EXIT.ok;
    terminal.complain(`Nothing was sent: that is not ${slug}.`);
    return EXIT.usage;
  } catch {
    return EXIT.interrupted;
  } finally {
    prompt.close();
  }
}
