import type { Token, Tokens } from 'marked';
import { both, type Condition, not } from './conditions.ts';
import type { ChoiceBlock } from './markdown/find-choices.ts';
import type { Headings } from './markdown/headings.ts';

/** A part of the body, one row of the layout: what stands under one h2, or before the first, or after a choice. */
export interface Part {
  /** The id of its heading, '' when it has none. */
  readonly id: string;
  /** The words of its heading, '' when it has none. */
  readonly title: string;
  readonly heading: Tokens.Heading | null;
  readonly tokens: readonly Token[];
  readonly within: Condition;
}

/** A row costs about 1 KB and 2 ms; nobody reads more than this. What follows stays in the last one. */
const MOST = 100;

/**
 * Divides a body at its h2s, also those inside choices: such a section is a part for some readers only, and so its row
 * and its entry in the contents can be. A first h1 that repeats the issue's title is left out.
 */
export function divide(tokens: readonly Token[], headings: Headings, issueTitle: string): Part[] {
  const parts: (Part & { tokens: Token[] })[] = [];
  const begin = (heading: Tokens.Heading | null, within: Condition) =>
    parts.push({
      id: heading ? headings.idOf(heading) : '',
      title: heading ? headings.textOf(heading) : '',
      heading,
      tokens: heading ? [heading] : [],
      within,
    });
  const place = (all: readonly Token[], within: Condition) => {
    begin(null, within);
    for (const token of all) {
      const heading = isSectionHeading(token) && parts.length < MOST ? token : null;
      const isTitle = heading?.depth === 1 && parts.length === 1 && headings.textOf(heading) === issueTitle;
      if (isTitle) continue;
      if (heading) begin(heading, within);
      else if (isChoice(token) && parts.length < MOST && holdsSections(token)) {
        place(token.then, both(within, token.when));
        place(token.otherwise, both(within, not(token.when)));
        begin(null, within);
      } else parts.at(-1)!.tokens.push(token);
    }
  };
  place(tokens, null);
  const filled = parts.filter((part) =>
    part.tokens.some((one) => one.type !== 'space' && one.type !== 'def'),
  );
  return filled.length > 0 ? filled : parts.slice(0, 1);
}

function isSectionHeading(token: Token): token is Tokens.Heading {
  return token.type === 'heading' && (token as Tokens.Heading).depth <= 2;
}

function isChoice(token: Token): token is ChoiceBlock {
  return token.type === 'choice';
}

function holdsSections({ then, otherwise }: ChoiceBlock): boolean {
  return [...then, ...otherwise].some(
    (token) => isSectionHeading(token) || (isChoice(token) && holdsSections(token)),
  );
}
