import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRecord, guardCell, readCell } from '../../src/audience/csv-cell.ts';
import { splitRecord } from '../../src/audience/split-record.ts';

/** Text that is likely to hold what matters here. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('=', '+', '-', '@', "'", ';', ',', '"', ' ', '\t', '\r', '\n', '＝', '1', 'x'),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''));

test.each([
  ['=1+1', "'=1+1"],
  ['+49 151', "'+49 151"],
  ['-5', '-5'],
  ['+3,5', '+3,5'],
  ['-5;=1', "'-5;'=1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['＝1', "'＝1"],
  ["'=1", "''=1"],
  ['a;=1', "a;'=1"],
  ['a; -1', "a; '-1"],
  ["O'Neill - a-b", "O'Neill - a-b"],
])('%j is written as %j', (value, cell) => {
  expect(guardCell(value)).toBe(cell);
});

test('no cell that is written begins a formula, however a spreadsheet splits the line', () => {
  fc.assert(
    fc.property(text, (value) => {
      const cell = guardCell(value);
      for (const part of [cell, ...cell.split(';')])
        expect(
          /^[^\S\t\r]*[=+\-@\t\r＝＋－＠]/.test(part) && !/^[+-]?\d+(?:[.,]\d+)*$/.test(part),
          part,
        ).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('what is written is read as it was', () => {
  fc.assert(
    fc.property(text, (value) => void expect(readCell(guardCell(value))).toBe(value)),
    { numRuns: 1000 },
  );
});

test('a record is one of RFC 4180 for others too', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), fc.constantFrom(',', ';'), (values, delimiter) => {
      const line = csvRecord(values, delimiter);
      fc.pre(line !== '');
      expect(parse(line, { delimiter, relax_column_count: true, record_delimiter: [] })).toEqual([
        values.map(guardCell),
      ]);
      expect(splitRecord(line, delimiter)).toEqual(values.map(guardCell));
    }),
    { numRuns: 500 },
  );
});

test('records are split as csv-parse splits them, or not at all', () => {
  const pieces = fc.array(fc.constantFrom('"', '""', ',', 'a', ' ', 'é'), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(pieces, (parts) => {
      const line = parts.join('');
      const values = splitRecord(line, ',');
      const other = () => parse(line, { relax_column_count: true, record_delimiter: [] }) as string[][];
      if (values === null) expect(other).toThrow();
      else expect(other()).toEqual([values]);
    }),
    { numRuns: 2000 },
  );
});
