import { around } from './around.ts';
import type { Footnotes } from './footnotes.ts';
import { renderBlocks, renderText, type TextContext } from './markdown/render-text.ts';
import type { Part } from './sections.ts';

/**
 * The plain text of a body: each part with its addresses listed below it, then the notes. All end with a blank line of
 * their own, inside the tokens of what is for some readers only: so who does not get it sees no gap.
 */
export function textOfParts(
  parts: readonly Part[],
  notes: Footnotes | null,
  context: Omit<TextContext, 'links'>,
): string {
  const written = parts.map(({ tokens, within }) => {
    const links: string[] = [];
    const text = renderBlocks(tokens, { ...context, links });
    const list = links.map((address, index) => `[${index + 1}] ${address}\n`).join('');
    const { before, after } = around(within, context.holes);
    return before + text + (list ? `${list}\n` : '') + after;
  });
  const noted = notes?.render(
    context.holes,
    (note, number) => `(${number}) ${renderText(note.tokens, { ...context, links: null })}\n\n`,
  );
  if (!notes || !noted) return written.join('');
  const { before, after } = around(notes.within, context.holes);
  const heading = `${context.words.notes}\n${'-'.repeat(context.words.notes.length)}\n\n`;
  return [...written, before + heading + after, ...noted].join('');
}
