import { containHtml } from './contain-html.ts';

/** Elements that must be closed; of the others HTML knows where they end. */
const CLOSED =
  /^(?:a|abbr|article|b|blockquote|center|cite|code|del|details|div|dl|em|figcaption|figure|font|h[1-6]|i|ins|kbd|mark|ol|pre|q|s|section|small|span|strike|strong|sub|summary|sup|table|u|ul)$/;
const TAG = /<!--[\s\S]*?-->|<(\/?)([a-z][a-z\d]*)\b(?:[^<>"']|"[^"]*"|'[^']*')*>/gi;

/** An element that was opened, and where: `offset` in the piece of HTML that `piece` names. */
export interface OpenElement<Piece> {
  readonly name: string;
  readonly piece: Piece;
  readonly offset: number;
}

/** Goes through the pieces of raw HTML of an issue, in order; gives the elements that none of them closes. */
export function openElements<Piece extends { readonly raw: string }>(
  pieces: readonly Piece[],
): OpenElement<Piece>[] {
  const open: OpenElement<Piece>[] = [];
  const never: OpenElement<Piece>[] = [];
  for (const piece of pieces)
    for (const { index, 1: slash, 2: written } of containHtml(piece.raw).matchAll(TAG)) {
      const name = written?.toLowerCase() ?? '';
      if (!CLOSED.test(name)) continue;
      if (!slash) open.push({ name, piece, offset: index });
      else {
        const at = open.findLastIndex((one) => one.name === name);
        // What stands open inside of it ends with it.
        if (at >= 0) never.push(...open.splice(at).slice(1));
      }
    }
  return [...never, ...open];
}
