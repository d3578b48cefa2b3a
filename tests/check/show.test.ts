import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAnnotation } from '../../src/check/format-annotation.ts';
import { formatWithFrame } from '../../src/check/format-with-frame.ts';
import { inOrder } from '../../src/check/in-order.ts';
import { proseOf } from '../../src/check/prose.ts';
import type { Finding } from '../../src/finding.ts';

const finding: Finding = {
  rule: 'link-generic',
  severity: 'warning',
  path: 'issues/a.md',
  line: 2,
  column: 7,
  message: '"here" says nothing.',
  hint: 'Link the words.',
};
const plain = (_style: string, text: string) => text;
const frame = (source: string | null, changes: Partial<Finding> = {}) =>
  formatWithFrame({ ...finding, ...changes }, source, plain).split('\n');

describe('a frame', () => {
  const head = 'issues/a.md:2:7 warning "here" says nothing. (link-generic)';

  test('shows the line and a caret under the column', () => {
    expect(frame('one\nSee it [here](x).\nthree', { column: 8 })).toEqual([
      head.replace(':7', ':8'),
      '  2 | See it [here](x).',
      '             ^',
      '  Link the words.',
    ]);
  });

  test('is left out where there is nothing to show', () => {
    for (const source of [null, 'one', 'one\n  \n', ''])
      expect(frame(source), JSON.stringify(source)).toEqual([head, '  Link the words.']);
    expect(frame(null, { hint: '' })).toEqual([head]);
  });

  test('the caret stands right behind wide letters, tabs and marks', () => {
    const under = (before: string) => {
      const [, line, caret] = frame(`x\n${before}here`, { column: before.length + 1 });
      return [line!.indexOf('here'), caret!.indexOf('^')];
    };
    expect(under('ab')).toEqual([8, 8]);
    // Two columns each on a terminal.
    expect(under('日本')).toEqual([8, 10]);
    expect(under('\t')).toEqual([8, 8]);
    expect(under('e\u0301')).toEqual([8, 7]);
  });

  test('of a long line shows what is around the column', () => {
    const source = `x\n${'a'.repeat(5000)}here${'b'.repeat(5000)}`;
    const [, line, caret] = frame(source, { column: 5001 });
    expect(line!.length).toBeLessThan(115);
    expect(line!.slice(caret!.indexOf('^'))).toMatch(/^here/);
  });

  test('lets no control character through, whatever the file and the finding hold', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.nat(30),
        fc.nat(200),
        (source, message, line, column) => {
          const text = formatWithFrame(
            { ...finding, message, hint: message, path: message, line: line + 1, column: column + 1 },
            source,
            plain,
          );
          expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        },
      ),
    );
  });
});

describe('an annotation', () => {
  test('is one line with its place', () => {
    expect(formatAnnotation(finding)).toBe(
      '::warning file=issues/a.md,line=2,col=7,title=link-generic::"here" says nothing. Link the words.',
    );
    expect(formatAnnotation({ ...finding, severity: 'error' })).toMatch(/^::error /);
    expect(formatAnnotation({ ...finding, severity: 'advice', hint: '' })).toMatch(/^::notice .*nothing\.$/);
  });

  test('holds any words, and the runner reads them back as they were', () => {
    const undo = (text: string) =>
      text
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
        .replaceAll('%0D', '\r')
        .replaceAll('%0A', '\n')
        .replaceAll('%25', '%');
    const words = fc.string({
      unit: fc.constantFrom('a', ':', ',', '%', '\r', '\n', '::', '%0A', '25', '=', 'é'),
    });
    fc.assert(
      fc.property(words, words, (message, path) => {
        const text = formatAnnotation({ ...finding, message, path, hint: '' });
        expect(text).not.toMatch(/[\r\n]/);
        const [, file, said] = /^::warning file=([^,:]*),line=2,col=7,title=link-generic::(.*)$/.exec(text)!;
        expect([undo(file!), undo(said!)]).toEqual([path, message]);
      }),
    );
  });
});

describe('order', () => {
  test('is that of the files, each finding once', () => {
    const at = (path: string, line: number, column: number, rule = 'a') => ({
      ...finding,
      path,
      line,
      column,
      rule,
    });
    const sorted = [at('a', 1, 2), at('a', 1, 2, 'b'), at('a', 2, 1), at('a', 10, 1), at('b', 1, 1)];
    expect(inOrder([...sorted].reverse().concat(sorted))).toEqual(sorted);
  });
});

describe('prose', () => {
  test('keeps every offset and every line end, and adds nothing', () => {
    const unit = fc.constantFrom(
      '`',
      '``',
      '```',
      '~~~',
      '\n',
      '\n\n',
      '    ',
      '\t',
      '- ',
      '> ',
      '<!--',
      '-->',
      'word ',
      '\\',
      '1. ',
    );
    fc.assert(
      fc.property(
        fc.array(unit).map((parts) => parts.join('')),
        (body) => {
          const prose = proseOf(body);
          expect(prose).toHaveLength(body.length);
          for (let index = 0; index < body.length; index += 1)
            if (prose[index] !== body[index]) expect(prose[index]).toBe(' ');
          expect(prose.split('\n')).toHaveLength(body.split('\n').length);
        },
      ),
    );
  });

  test.each([
    ['a fence', '```sh\nX\n```\nword', 'word'],
    ['a fence in a list', '- ```\n  X\n  ```\n- word', '- word'],
    ['a span', 'a `X` b', 'a     b'],
    ['a span of two backticks', 'a ``X`X`` b', 'a         b'],
    ['a comment', 'a <!-- X\nX --> b', 'a       \n      b'],
    ['indented code', 'a\n\n    X\n\nb', 'a\n\n     \n\nb'],
  ])('%s is blanked', (_what, body, left) => {
    const prose = proseOf(body);
    expect(prose).not.toContain('X');
    expect(prose.replace(/[ \n]+/g, ' ').trim()).toBe(left.replace(/[ \n]+/g, ' ').trim());
  });

  test.each(['a ` b', 'a\n    b', '- a\n\n    b', 'a <!-- b', '\\`b`'])('nothing of %j is', (body) => {
    expect(proseOf(body)).toBe(body);
  });
});
