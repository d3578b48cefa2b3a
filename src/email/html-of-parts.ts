import type { Footnotes } from './footnotes.ts';
import { type HtmlContext, renderHtml } from './markdown/render-html.ts';
import type { Part } from './sections.ts';

/** A part of the body as HTML, before the layout. */
export interface HtmlPart extends Part {
  readonly html: string;
}

/** The HTML of each part, made safe and final by `finish`; the notes follow the last. */
export function htmlOfParts(
  parts: readonly Part[],
  notes: Footnotes | null,
  context: HtmlContext,
  finish: (html: string) => string,
): HtmlPart[] {
  const written = parts.map((part) => ({ ...part, html: finish(renderHtml(part.tokens, context)) }));
  if (!notes) return written;
  // Numbered by hand: a note that a reader does not get must not shift those after it.
  const items = notes.render(context.holes, (note, number, isMarked) => {
    const back = isMarked ? ` <a href="#fnref-${number}" title="${number}">↩</a>` : '';
    const html = renderHtml(note.tokens, context).replace(/(<\/p>)?$/, `${back}$1`);
    return `<li id="fn-${number}" value="${number}">${html}</li>`;
  });
  const html = finish(`<hr><p class="label">${context.words.notes}</p><ol>${items.join('')}</ol>`);
  const last = written.at(-1)!;
  if (last.within === null && notes.within === null)
    return [...written.slice(0, -1), { ...last, html: last.html + html }];
  return [...written, { id: '', title: '', heading: null, tokens: [], within: notes.within, html }];
}
