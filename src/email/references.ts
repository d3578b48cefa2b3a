import type { Token, Tokens } from 'marked';
import type { FootnoteText } from './markdown/block-marks.ts';
import type { ChoiceBlock } from './markdown/find-choices.ts';
import type { Headings } from './markdown/headings.ts';
import type { FootnoteMark } from './markdown/inline-marks.ts';
import { childrenOf } from './markdown/lexer.ts';
import type { Places } from './places.ts';
import type { Report } from './report.ts';

/** The choices that something stands in: what must hold for a reader to get it. */
type Path = readonly string[];

interface Found {
  readonly token: Token;
  readonly path: Path;
}

/** Reports links and notes that lead nowhere, for all readers or for those who get only one of the two ends. */
export function checkReferences(
  tokens: readonly Token[],
  headings: Headings,
  places: Places,
  report: Report,
): void {
  const found: Found[] = [];
  collect(tokens, [], found);
  const of = <T extends Token>(type: string) =>
    found.flatMap(({ token, path }) => (token.type === type ? [{ token: token as T, path }] : []));

  const targets = new Map(
    of<Tokens.Heading>('heading').map(({ token, path }) => [headings.idOf(token), path]),
  );
  for (const { token, path } of of<Tokens.Link>('link')) {
    const target = targets.get(token.href.slice(1));
    if (token.href.startsWith('#') && target?.some((condition) => !path.includes(condition)))
      report(
        'warning',
        'fragment',
        places.of(token),
        `Some readers get this link, but not what it leads to: "${token.href.slice(0, 80)}" is in a choice.`,
        'Move the link into the choice too.',
      );
  }

  const [marks, notes] = [of<FootnoteMark>('footnoteMark'), of<FootnoteText>('footnoteText')];
  const [marked, noted] = [marks, notes].map((all) => new Set(all.map(({ token }) => token.label)));
  for (const { token } of marks)
    if (!noted!.has(token.label))
      report(
        'warning',
        'footnote',
        places.of(token),
        `There is no note for "${token.raw}": readers see it as it is.`,
        `Write one: [^${token.label}]: …`,
      );
  for (const { token } of notes)
    if (!marked!.has(token.label))
      report(
        'warning',
        'footnote',
        places.of(token),
        `Nothing refers to this note, "${token.label.slice(0, 80)}".`,
        `Write [^${token.label}] where it belongs, or delete it.`,
      );
}

function collect(tokens: readonly Token[], path: Path, into: Found[]): void {
  for (const token of tokens) {
    into.push({ token, path });
    if (token.type === 'choice') {
      const { when, then, otherwise } = token as ChoiceBlock;
      const condition = JSON.stringify(when);
      collect(then, [...path, condition], into);
      collect(otherwise, [...path, `not ${condition}`], into);
    } else collect(childrenOf(token), path, into);
  }
}
