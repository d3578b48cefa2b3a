import { compareValues, isDate, type Value } from './compare-values.ts';

/** The small safe language of `::: if`, `--where` and segments. A leaf; parse with `parseExpression`, run with `evaluate`. */
export type Expression =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare';
      readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains';
      readonly left: Expression;
      readonly right: Expression;
    };

type Token = {
  readonly kind: 'word' | 'sign' | 'text' | 'number' | 'end';
  readonly text: string;
  readonly at: number;
};

class Fault extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Parses `subscriber.plan == "pro" and not (subscriber.city contains "x")`. Fields may stand with or without
 * `subscriber.`; their names are lower case, as a list's columns are. Gives the Expression, or what is wrong and at
 * which offset (UTF-16 units). Never throws.
 */
export function parseExpression(
  text: string,
): Expression | { readonly fault: string; readonly offset: number } {
  // A bound, so that neither parsing nor `evaluate` can exhaust the stack: a long chain of `or` is a deep tree.
  if (text.length > 2000) return { fault: 'The condition is longer than 2,000 characters', offset: 2000 };
  try {
    const tokens = tokenise(text);
    const parser = { tokens, index: 0, depth: 0 };
    const expression = parseOr(parser);
    const rest = tokens[parser.index]!;
    if (rest.kind !== 'end') throw new Fault(`"${rest.text}" is not expected here`, rest.at);
    return expression;
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message, offset: error.offset };
    throw error;
  }
}

/** The fields that a condition asks for, each once, in the order of the text. */
export function fieldsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'field':
      return [expression.name];
    case 'literal':
      return [];
    case 'not':
      return fieldsOf(expression.of);
    default:
      return [...new Set([...fieldsOf(expression.left), ...fieldsOf(expression.right)])];
  }
}

/** Is it true for a reader with these fields? A missing field is ''; how values compare: `compareValues`. */
export function evaluate(expression: Expression, fields: Readonly<Record<string, string>>): boolean {
  return truth(resolve(expression, fields));
}

type Parser = { readonly tokens: readonly Token[]; index: number; depth: number };

function tokenise(text: string): Token[] {
  // Each alternative begins with another character, so the match is linear.
  const pattern =
    /\s+|(?<text>"[^"]*"|'[^']*')|(?<number>-?\d+(?:\.\d+)?(?![\w-]))|(?<word>[\p{L}\p{N}_][\p{L}\p{N}_.-]*)|(?<sign>==|!=|<=|>=|<|>|\(|\))/uy;
  const tokens: Token[] = [];
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match)
      throw new Fault(`"${text.slice(at, at + 1)}" is not expected here${mend(text.slice(at))}`, at);
    const kind = (['text', 'number', 'word', 'sign'] as const).find(
      (name) => match.groups?.[name] !== undefined,
    );
    if (kind) tokens.push({ kind, text: match[0], at });
  }
  return [...tokens, { kind: 'end', text: 'the end', at: text.length }];
}

/** What to write instead of what people bring along from other languages and from word processors. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/^=/, 'compare with =='],
  [/^&&?/, 'write and'],
  [/^\|\|?/, 'write or'],
  [/^!/, 'write not'],
  [/^[“”„‘’«»]/, 'write straight quotes "'],
  [/^["']/, 'this quote is never closed'],
];

function mend(rest: string): string {
  const found = INSTEAD.find(([pattern]) => pattern.test(rest));
  return found ? `: ${found[1]}` : '';
}

function parseOr(parser: Parser): Expression {
  let left = parseAnd(parser);
  while (take(parser, 'or')) left = { kind: 'or', left, right: parseAnd(parser) };
  return left;
}

function parseAnd(parser: Parser): Expression {
  let left = parseNot(parser);
  while (take(parser, 'and')) left = { kind: 'and', left, right: parseNot(parser) };
  return left;
}

function parseNot(parser: Parser): Expression {
  // Deeper than anybody writes; a bound, for the same reason.
  if (++parser.depth > 100)
    throw new Fault('The condition is nested too deeply', parser.tokens[parser.index]!.at);
  const expression: Expression = take(parser, 'not')
    ? { kind: 'not', of: parseNot(parser) }
    : parseCompare(parser);
  parser.depth -= 1;
  return expression;
}

function parseCompare(parser: Parser): Expression {
  const left = parseOperand(parser);
  for (const operator of ['==', '!=', '<=', '>=', '<', '>', 'contains'] as const)
    if (take(parser, operator)) return { kind: 'compare', operator, left, right: parseOperand(parser) };
  return left;
}

function parseOperand(parser: Parser): Expression {
  if (take(parser, '(')) {
    const inner = parseOr(parser);
    if (!take(parser, ')')) throw new Fault('A ) is missing', parser.tokens[parser.index]!.at);
    return inner;
  }
  const token = parser.tokens[parser.index]!;
  parser.index += 1;
  if (token.kind === 'text') return { kind: 'literal', value: token.text.slice(1, -1) };
  if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
  if (token.kind === 'word' && !['and', 'or', 'not', 'contains'].includes(token.text)) {
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'literal', value: token.text === 'true' };
    if (/^\d{4}-\d\d-\d\d/.test(token.text)) {
      if (!isDate(token.text))
        throw new Fault(`${token.text} is no date: write it like 2026-01-31`, token.at);
      return { kind: 'literal', value: token.text };
    }
    return { kind: 'field', name: token.text.replace(/^subscriber\./i, '').toLowerCase() };
  }
  throw new Fault(`A field or a value is missing before ${token.text}`, token.at);
}

function take(parser: Parser, text: string): boolean {
  const token = parser.tokens[parser.index]!;
  if (token.text !== text || (token.kind !== 'word' && token.kind !== 'sign')) return false;
  parser.index += 1;
  return true;
}

function resolve(expression: Expression, fields: Readonly<Record<string, string>>): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'field':
      return Object.hasOwn(fields, expression.name) ? fields[expression.name]! : '';
    case 'not':
      return !evaluate(expression.of, fields);
    case 'and':
      return evaluate(expression.left, fields) && evaluate(expression.right, fields);
    case 'or':
      return evaluate(expression.left, fields) || evaluate(expression.right, fields);
    case 'compare':
      return compareValues(
        expression.operator,
        resolve(expression.left, fields),
        resolve(expression.right, fields),
      );
  }
}

function truth(value: Value): boolean {
  return value !== '' && value !== false && value !== 'false' && value !== 0 && value !== '0';
}
