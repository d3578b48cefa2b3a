import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Expression, evaluate, parseExpression } from '../../src/expression.ts';

const parse = (text: string): Expression => {
  const expression = parseExpression(text);
  if ('fault' in expression) throw new Error(expression.fault);
  return expression;
};
const is = (text: string, fields: Record<string, string> = {}) => evaluate(parse(text), fields);

describe('what is true', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['subscriber.plan == "pro"', { plan: 'pro' }, true],
    ["plan == 'pro'", { plan: 'pro' }, true],
    ['plan == "pro"', { plan: 'Pro' }, false],
    ['plan == "pro"', {}, false],
    ['plan != "pro"', {}, true],
    ['plan', { plan: 'x' }, true],
    ['plan', { plan: '' }, false],
    ['plan', { plan: 'false' }, false],
    ['plan', { plan: '0' }, false],
    ['not plan', {}, true],
    ['PLAN == "pro"', { plan: 'pro' }, true],
    ['Subscriber.Plan == "pro"', { plan: 'pro' }, true],
    ['age >= 18', { age: '9' }, false],
    ['age >= 18', { age: '18.0' }, true],
    ['age < 18', {}, true],
    ['age == 18', { age: ' 18 ' }, true],
    ['version > "9"', { version: '10' }, true],
    ['since >= 2024-01-31', { since: '2024-02-01' }, true],
    ['since >= 2024-01-31', { since: '2023-12-31' }, false],
    ['city contains "ULM"', { city: 'Neu-Ulm' }, true],
    ['city contains "ulm"', { city: 'Köln' }, false],
    ['a or b and c', { a: '1' }, true],
    ['(a or b) and c', { a: '1' }, false],
    ['not a and b', { b: '1' }, true],
    ['not (a and b)', { b: '1' }, true],
    ['not not a', { a: '1' }, true],
    ['true', {}, true],
    ['false or true', {}, true],
    ['a == b', { a: 'x', b: 'x' }, true],
    ['stadt == "Köln"', { stadt: 'Köln' }, true],
    ['straße contains "weg"', { straße: 'Feldweg 1' }, true],
    ['first-name == "Ann"', { 'first-name': 'Ann' }, true],
    ['plan == "a and b or (c"', { plan: 'a and b or (c' }, true],
    ['toString', {}, false],
    ['__proto__ or constructor', {}, false],
  ])('%s, with %j: %s', (text, fields, wanted) => {
    expect(is(text, fields)).toBe(wanted);
  });
});

describe('what is wrong, and where', () => {
  test.each<[string, number, string]>([
    ['', 0, 'missing'],
    ['plan = "pro"', 5, '"=" is not expected'],
    ['plan === "pro"', 7, '"="'],
    ['plan == ', 8, 'missing before the end'],
    ['== "pro"', 0, 'missing before =='],
    ['plan == "pro', 8, 'not expected'],
    ['plan == “pro”', 8, 'not expected'],
    ['a b', 2, '"b" is not expected'],
    ['a && b', 2, '"&"'],
    ['(a', 2, ') is missing'],
    ['a)', 1, 'not expected'],
    ['a and', 5, 'missing before the end'],
    ['not', 3, 'missing before the end'],
    ['a == b == c', 7, '"==" is not expected'],
    ['f(a)', 1, '"(" is not expected'],
    ['a;b', 1, '";"'],
    ['a + 1', 2, '"+"'],
    ['`x`', 0, '"`"'],
    [`${'('.repeat(200)}a${')'.repeat(200)}`, 100, 'too deeply'],
    [`${'not '.repeat(200)}a`, 400, 'too deeply'],
    ['a or '.repeat(500), 2000, 'longer than'],
  ])('%s', (text, offset, fault) => {
    const found = parseExpression(text);
    expect(found).toEqual({ fault: expect.stringContaining(fault), offset });
  });
});

test('anything is parsed or told about, and nothing throws', () => {
  const word = fc.constantFrom(
    'a',
    'not',
    'and',
    'or',
    'contains',
    '(',
    ')',
    '==',
    '<',
    '"x"',
    "'y'",
    '1',
    '-2.5',
    '2024-01-31',
    ' ',
    'é',
    '"',
    '\n',
    '🦊',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(word).map((parts) => parts.join(' ')),
        fc.string({ unit: 'binary' }),
      ),
      (text) => {
        const found = parseExpression(text);
        if ('fault' in found) {
          expect(found.offset).toBeGreaterThanOrEqual(0);
          expect(found.offset).toBeLessThanOrEqual(text.length);
        } else expect(typeof evaluate(found, { a: '1' })).toBe('boolean');
      },
    ),
    { numRuns: 1000 },
  );
});

interface Meaning {
  readonly text: string;
  value(fields: Record<string, string>): boolean;
}

/** An expression, as its text and as what it means. */
const meaning = fc.letrec<{ any: Meaning }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc
      .constantFrom('a', 'b', 'c')
      .map((name) => ({ text: name, value: (fields: Record<string, string>) => Boolean(fields[name]) })),
    fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y')).map(([name, word]) => ({
      text: `${name} == "${word}"`,
      value: (fields: Record<string, string>) => (fields[name] ?? '') === word,
    })),
    tie('any').map(({ text, value }) => ({
      text: `not (${text})`,
      value: (fields: Record<string, string>) => !value(fields),
    })),
    fc.tuple(tie('any'), tie('any')).map(([left, right]) => ({
      text: `(${left.text}) and (${right.text})`,
      value: (fields: Record<string, string>) => left.value(fields) && right.value(fields),
    })),
    fc.tuple(tie('any'), tie('any')).map(([left, right]) => ({
      text: `((${left.text}) or (${right.text}))`,
      value: (fields: Record<string, string>) => left.value(fields) || right.value(fields),
    })),
  ),
})).any;

test('an expression means what its parts mean', () => {
  const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('', 'x', 'y'));
  fc.assert(
    fc.property(meaning, fields, ({ text, value }, given) => {
      fc.pre(text.length <= 2000);
      expect(is(text, given)).toBe(value(given));
    }),
    { numRuns: 500 },
  );
});

test('what is longest allowed is evaluated without exhausting the stack', () => {
  expect(is(`${'a or '.repeat(399)}a`, {})).toBe(false);
});
