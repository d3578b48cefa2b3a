import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseAddress } from '../../src/audience/normalise-address.ts';
import { readList } from '../../src/audience/read-list.ts';
import { select } from '../../src/audience/select.ts';
import { evaluate, parseExpression } from '../../src/expression.ts';

async function* bytes(text: string, size = 7) {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}
const rows = (text: string) => Array.fromAsync(readList('subscribers/x.csv', bytes(text)));

test('a list is read whatever made it', async () => {
  const text = '\ufeffEmail;Name\r\n"a@example.com";"Last, First ""Q"""\r\n\r\njörg@bücher.example;Jörg\r\n';
  expect(await rows(text)).toEqual([
    {
      subscriber: { address: 'a@example.com', key: 'a@example.com', fields: { name: 'Last, First "Q"' } },
      line: 2,
    },
    {
      subscriber: {
        address: 'jörg@xn--bcher-kva.example',
        key: 'jörg@xn--bcher-kva.example',
        fields: { name: 'Jörg' },
      },
      line: 4,
    },
  ]);
});

test('3 broken rows of 5,000 are named, the others read', async () => {
  const good = (n: number) => `reader${n}@example.com,Reader ${n}`;
  const lines = Array.from({ length: 5000 }, (_, n) => good(n));
  lines[10] = 'nobody';
  lines[2000] = '"never closed@example.com,x';
  lines[4000] = 'a@example.com,x,y,z';
  const found = await rows(`email,name\n${lines.join('\n')}\n`);
  expect(found.filter((row) => 'subscriber' in row)).toHaveLength(4997);
  expect(found.flatMap((row) => ('finding' in row ? [row.finding.line] : []))).toEqual([12, 2002, 4002]);
});

test('a list without addresses says so', async () => {
  expect(await rows('name\nx\n')).toMatchObject([
    { finding: { line: 1, message: expect.stringContaining('email') } },
  ]);
});

test('line breaks and NUL in a field are refused', async () => {
  expect(await rows('email,name\na@example.com,"x\nBcc: y@example.com"\nb@example.com,z\0\n')).toMatchObject([
    { finding: { line: 2 } },
    { finding: { line: 4 } },
  ]);
});

test('the same reader in several spellings is one', async () => {
  const list =
    'email\nZo\u0065\u0308@EXAMPLE.com\nzo\u00eb@example.com\nb@example.com\nc@example.com\nd@example.com\n';
  const chosen = await Array.fromAsync(
    select(
      readList('x', bytes(list)),
      (key) => (key[0] === 'b' ? 'bounced' : null),
      (key) => key[0] === 'c',
    ),
  );
  expect(chosen.map((one) => ('exclusion' in one ? one.exclusion.reason : 'mailed'))).toEqual([
    'mailed',
    'duplicate',
    'bounced',
    'already-mailed',
    'mailed',
  ]);
});

test('normalising twice changes nothing, and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' })), (text) => {
      const once = normaliseAddress(text);
      if ('key' in once) expect(normaliseAddress(once.key)).toMatchObject({ key: once.key });
    }),
  );
});

test.each([
  ['subscriber.plan == "pro"', true],
  ['plan == "pro" and not (age >= 40)', true],
  ['plan != "pro" or age < 9', false],
  ['joined > 2026-01-01', true],
  ['city contains "LOND"', true],
  ['missing', false],
])('%s is %s', (text, expected) => {
  const parsed = parseExpression(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  expect(evaluate(parsed, { plan: 'pro', age: '39', joined: '2026-05-05', city: 'London' })).toBe(expected);
});

test('a wrong condition says where', () => {
  expect(parseExpression('plan == ')).toMatchObject({ offset: 8 });
  expect(parseExpression('plan ; x')).toMatchObject({ offset: 5 });
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseExpression(text)));
});
