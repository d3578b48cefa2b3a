import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Expression, evaluate, fieldsOf, parseExpression } from '../../src/expression.ts';

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
    ['age < 18', {}, false],
    ['age >= 18', {}, false],
    ['age < 18', { age: 'young' }, false],
    ['age > 18', { age: 'young' }, false],
    ['name > "M"', { name: 'Nora' }, true],
    ['name > "M"', { name: 'Ada' }, false],
    ['age == 18', { age: ' 18 ' }, true],
    ['version > "9"', { version: '10' }, true],
    ['since >= 2024-01-31', { since: '2024-02-01' }, true],
    ['since >= 2024-01-31', { since: '2023-12-31' }, false],
    ['since > 2024-01-31', { since: '2024-01-31T10:00:00Z' }, false],
    ['since == 2024-01-31', { since: '2024-01-31 10:00:00' }, true],
    ['since > 2024-01-31', { since: '2024-02-01T00:00:00+02:00' }, true],
    ['since > "2024-01-31T09:00Z"', { since: '2024-01-31T10:30+01:00' }, true],
    ['since > "2024-01-31T09:00Z"', { since: '2024-01-31T10:30:00.5+0200' }, false],
    ['since < 2024-01-31', {}, false],
    ['since < 2024-01-31', { since: '31.12.2023' }, false],
    ['since < 2024-01-31', { since: '2023-02-30' }, false],
    ['since < 2024-01-31', { since: '2023' }, false],
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
    ['plan = "pro"', 5, '"=" is not expected here: compare with =='],
    ['a || b', 2, 'write or'],
    ['!a', 0, 'write not'],
    ['since > 2024-02-30', 8, '2024-02-30 is no date: write it like 2026-01-31'],
    ['since > 2024-02-01T10:00', 21, '":" is not expected'],
    ['plan === "pro"', 7, '"="'],
    ['plan == ', 8, 'missing before the end'],
    ['== "pro"', 0, 'missing before =='],
    ['plan == "pro', 8, 'this quote is never closed'],
    ['plan == “pro”', 8, 'write straight quotes'],
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

test('two values are in one order at most, and the other way round it is the other', () => {
  const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  const value = fc.oneof(
    fc.constantFrom('', 'x', 'Zoë', '10', '9', '-2.5'),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    day.map((one) => one.toISOString()),
    day.map((one) => one.toISOString().slice(0, 10)),
    fc.string(),
  );
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [less, equal, more] = ['<', '==', '>'].map((sign) => is(`a ${sign} b`, { a, b }));
      expect([less, equal, more].filter(Boolean).length).toBeLessThanOrEqual(1);
      expect(is('a != b', { a, b })).toBe(!equal);
      expect(is('b < a', { a, b })).toBe(more);
      if (less || more) expect([is('a <= b', { a, b }), is('a >= b', { a, b })]).toEqual([less, more]);
    }),
    { numRuns: 1000 },
  );
});

test('dates are in the order in which they come', () => {
  const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(day, day, (one, other) => {
      const [a, b] = [one.toISOString(), other.toISOString()];
      expect(is('a < b', { a, b })).toBe(one < other);
      expect(is('a < b', { a: a.slice(0, 10), b })).toBe(a.slice(0, 10) < b.slice(0, 10));
    }),
  );
});

test('a condition says which fields it asks for', () => {
  expect(fieldsOf(parse('plan == "pro" and not (Subscriber.City contains "x" or plan)'))).toEqual([
    'plan',
    'city',
  ]);
});

test('what is longest allowed is evaluated without exhausting the stack', () => {
  expect(is(`${'a or '.repeat(399)}a`, {})).toBe(false);
});
