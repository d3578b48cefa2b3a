import type { Token } from 'marked';
import { around } from './around.ts';
import { anyOf, both, type Condition, not } from './conditions.ts';
import type { Holes } from './holes.ts';
import type { FootnoteText } from './markdown/block-marks.ts';
import { childrenOf, walk } from './markdown/lexer.ts';

/** The notes of an issue, in the order in which their texts stand; a number is an index and one. */
export interface Footnotes {
  /** Number of a note by its label; null: there is no such note. */
  numberOf(label: string): number | null;
  /** Does a mark of its note lead back from there? The first does, and those before it that only some readers get. */
  isTarget(mark: Token): boolean;
  /** For whom there are notes at all. */
  readonly within: Condition;
  /** All notes, each made by `write` and, when its mark is for some readers only, only for these. */
  render(holes: Holes, write: (note: FootnoteText, number: number, isMarked: boolean) => string): string[];
}

/** Finds the notes in a body whose choices are folded; null: there are none. */
export function findFootnotes(tokens: readonly Token[]): Footnotes | null {
  const notes = new Map<string, FootnoteText>();
  for (const token of walk(tokens))
    if (token.type === 'footnoteText' && !notes.has(token.label))
      notes.set(token.label, token as FootnoteText);
  if (notes.size === 0) return null;
  const marks = new Map<string, Condition[]>();
  const targets = new Set<Token>();
  collectMarks(tokens, null, marks, targets);
  const labels = [...notes.keys()];
  const conditionOf = (label: string) => anyOf(marks.get(label) ?? []);
  return {
    numberOf: (label) => labels.indexOf(label) + 1 || null,
    isTarget: (mark) => targets.has(mark),
    within: anyOf(labels.map(conditionOf)),
    render: (holes, write) =>
      labels.map((label, index) => {
        const { before, after } = around(conditionOf(label), holes);
        return before + write(notes.get(label)!, index + 1, marks.has(label)) + after;
      }),
  };
}

function collectMarks(
  tokens: readonly Token[],
  within: Condition,
  marks: Map<string, Condition[]>,
  targets: Set<Token>,
): void {
  for (const token of tokens) {
    if (token.type === 'choice') {
      collectMarks(token.then, both(within, token.when), marks, targets);
      collectMarks(token.otherwise, both(within, not(token.when)), marks, targets);
    } else if (token.type === 'footnoteMark') {
      const before = marks.get(token.label) ?? [];
      if (!before.includes(null)) targets.add(token);
      marks.set(token.label, [...before, within]);
    } else collectMarks(childrenOf(token), within, marks, targets);
  }
}
