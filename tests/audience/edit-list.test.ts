import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Subscriber } from '../../src/audience/audience.ts';
import { csvRecord } from '../../src/audience/csv-cell.ts';
import { editList, type ListEdit, UnsafeEdit } from '../../src/audience/edit-list.ts';
import { readList } from '../../src/audience/read-list.ts';
import { bytes } from './bytes.ts';

const reader = (address: string, fields: Record<string, string> = {}): Subscriber => ({
  address,
  key: address,
  fields,
});
const edited = async (text: string | null, edit: Partial<ListEdit>) => {
  const whole: ListEdit = { columns: [], change: () => null, added: () => [], ...edit };
  return (
    await Array.fromAsync(editList('subscribers/x.csv', text === null ? null : bytes(text), whole))
  ).join('');
};

test('a new list has a header', async () => {
  const added = () => [reader('a@example.com', { name: 'Ann, "A"', plan: '=1' })];
  expect(await edited(null, { columns: ['name', 'plan'], added })).toBe(
    'email,name,plan\na@example.com,"Ann, ""A""",\'=1\n',
  );
});

test('what is not changed stays, byte for byte, rows that cannot be read too', async () => {
  const text =
    '\ufeffE-Mail;Name;Odd\r\n"a@example.com"; Ann ;"1""2"\r\nnobody;x\r\nb@example.com;"Bro"ken;\r\nc@example.com;C\r\n';
  const change = ({ key }: Subscriber) => (key === 'c@example.com' ? { name: 'Cy; =1' } : null);
  expect(await edited(text, { change })).toBe(text.replace('c@example.com;C', 'c@example.com;"Cy; \'=1";'));
  expect(await edited(text, {})).toBe(text);
});

test('a row goes, one comes, and a column for what it brings', async () => {
  const text = 'name,email\nAnn,a@example.com\nBob,b@example.com\n';
  expect(
    await edited(text, {
      columns: ['name', 'plan'],
      change: ({ key }) => (key[0] === 'a' ? 'remove' : null),
      added: () => [reader('c@example.com', { plan: 'pro', name: 'Cy' })],
    }),
  ).toBe('name,email,plan\nBob,b@example.com,\nCy,c@example.com,pro\n');
});

test('of two columns of one name the first counts', async () => {
  expect(await edited('email,Plan,plan\na@example.com,x,y\n', { change: () => ({ plan: 'z' }) })).toBe(
    'email,Plan,plan\na@example.com,z,y\n',
  );
});

describe('nothing is written of a list that would lose by it', () => {
  test.each([
    ['a line that is too long', `email\n${'x'.repeat(100_001)}\n`, 'x.csv:2 is too long'],
    ['no column of addresses', 'name\nAnn\n', 'no column "email"'],
  ])('%s', async (_what, text, says) => {
    await expect(edited(text, {})).rejects.toThrow(says);
    await expect(edited(text, {})).rejects.toThrow(UnsafeEdit);
  });

  test('bytes that are not UTF-8', async () => {
    const latin = Buffer.from('email,name\na@example.com,J\xf6rg\n', 'latin1');
    const edit: ListEdit = { columns: [], change: () => null, added: () => [] };
    await expect(Array.fromAsync(editList('x.csv', bytes(latin), edit))).rejects.toThrow(
      'x.csv:2 is not UTF-8',
    );
  });
});

test('whatever a list holds, an edit changes what it names and nothing else', async () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) =>
    text
      .replace(/[\p{Cc}\ufffd]/gu, '')
      .trim()
      .normalize('NFC'),
  );
  const row = fc.record({ name: value, plan: value });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      value,
      fc.nat(),
      async (rows, plan, pick) => {
        const chosen = `r${pick % rows.length}@example.com`;
        const text = `email,name,plan\n${rows.map((one, n) => csvRecord([`r${n}@example.com`, one.name, one.plan])).join('\n')}\n`;
        const after = await edited(text, { change: ({ key }) => (key === chosen ? { plan } : null) });
        const read = await Array.fromAsync(readList('x', bytes(after)));
        expect(read.map((one) => ('subscriber' in one ? one.subscriber.fields : one))).toEqual(
          rows.map((one, n) => (`r${n}@example.com` === chosen ? { ...one, plan } : one)),
        );
      },
    ),
    { numRuns: 200 },
  );
});
