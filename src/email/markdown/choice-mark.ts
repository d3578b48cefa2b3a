import type { Tokens } from 'marked';

/** `::: if …`, `::: else`, `:::` on a line of its own. */
export interface ChoiceMark extends Tokens.Generic {
  readonly type: 'choiceMark';
  readonly mark: 'if' | 'else' | 'end';
  readonly condition: string;
}

const MARK = /^:::[ \t]*(if(?:[ \t]+[^\n]*)?|else)?[ \t]*(?:\n+|$)/;

/** Reads a line of `:::` at the start of a text; null: there is none. */
export function readChoiceMark(source: string): ChoiceMark | null {
  const found = MARK.exec(source);
  if (!found) return null;
  const [raw, word] = found;
  const mark = !word ? 'end' : word.startsWith('if') ? 'if' : 'else';
  return { type: 'choiceMark', raw, mark, condition: mark === 'if' ? word!.slice(2).trim() : '' };
}
