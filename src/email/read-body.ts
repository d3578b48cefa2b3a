import type { Token } from 'marked';
import type { Issue } from '../issue/issue.ts';
import type { Holes } from './holes.ts';
import { applyAttributes } from './markdown/attributes.ts';
import { foldChoices } from './markdown/find-choices.ts';
import { type Headings, openHeadings } from './markdown/headings.ts';
import { lexMarkdown, walk } from './markdown/lexer.ts';
import { readHtml } from './markdown/read-html.ts';
import { findTooDeep } from './markdown/too-deep.ts';
import { type Replaced, replaceFields } from './merge-fields.ts';
import { openPlaces, type Places } from './places.ts';
import type { Place, Report } from './report.ts';

/** A body read: its tokens, choices folded, and where they stand. */
export interface Body {
  readonly tokens: readonly Token[];
  readonly headings: Headings;
  /** What fragments may point to: headings, and ids in raw HTML. */
  readonly anchors: ReadonlySet<string>;
  readonly places: Places;
  /** Merge fields that are none of code's or a comment's. */
  readonly uses: Replaced['uses'];
}

/** A line of fifty quotes or items, one inside another. */
const NESTED = /^[ \t]*(?:(?:>|[*+-][ \t]|\d{1,9}[.)][ \t])[ \t]*){50}/m;

/** Reads an issue's Markdown; faults are reported. Null: it is nested too deeply to go on. */
export function readBody(issue: Issue, holes: Holes, report: Report): Body | null {
  const { path, body, bodyLine } = issue;
  const start = { path, line: bodyLine, column: 1 };
  const replaced = replaceFields(body, start, holes);
  const tooDeep = (at: Place) => {
    report('error', 'nesting', at, 'This is nested too deeply to be sent.', 'Take levels out.');
    return null;
  };
  let lexed: Token[];
  try {
    lexed = lexMarkdown(replaced.text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const above = body.slice(0, Math.max(body.search(NESTED), 0)).split('\n').length - 1;
    return tooDeep({ line: bodyLine + above, column: 1 });
  }
  const deep = findTooDeep(lexed);
  if (deep) {
    const tops = lexed.map(({ raw }) => ({ type: 'text', raw, text: raw }));
    const places = openPlaces(body, replaced.text, tops, bodyLine, replaced.toSource);
    return tooDeep(places.of(tops[lexed.indexOf(deep)]!));
  }
  const places = openPlaces(body, replaced.text, lexed, bodyLine, replaced.toSource);

  for (const { offset, written } of replaced.malformed)
    if (!places.isSilent(offset))
      report(
        'error',
        'merge-field',
        places.inSource(offset),
        `${written} is not a merge field.`,
        'Write {{subscriber.name}} or {{subscriber.name | "fallback"}}.',
      );
  for (const idle of applyAttributes(lexed))
    report(
      'advice',
      'attributes',
      places.of(idle),
      `"${idle.raw.trim()}" has no effect in a mail and is left out.`,
      'Delete it.',
    );
  const tokens = foldChoices(lexed, (mark, message, hint) =>
    report('error', 'choice', places.of(mark), message, hint),
  );
  if (findTooDeep(tokens)) return tooDeep(start);
  const uses = replaced.uses.filter(({ offset }) => !places.isSilent(offset));
  const headings = openHeadings(tokens, holes);
  const anchors = new Set(headings.ids);
  for (const token of walk(tokens))
    if (token.type === 'html' && /\b(?:id|name)\s*=/i.test(token.raw))
      for (const id of readHtml(token.raw).anchors) anchors.add(id);
  return { tokens, headings, anchors, places, uses };
}
