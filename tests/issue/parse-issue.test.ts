import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { realIssues, seedFolder } from '../support/shared.ts';

const read = (text: string, path = 'issues/x.md') => parseIssue(path, Buffer.from(text));
const rules = (text: string) =>
  read(text).findings.map((f) => `${f.severity} ${f.rule} ${f.line}:${f.column}`);

describe('front matter', () => {
  test.each([
    ['YAML', '---\ntitle: "A: b"\n---\nBody\n'],
    ['TOML', '+++\ntitle = "A: b"\n+++\nBody\n'],
    ['Key: value lines', 'Title: A: b\nDate: 2026-01-02\n\nBody\n'],
    ['the first h1', 'Intro\n\n# A: *b*\n\nBody\n'],
    ['a setext h1', 'A: b\n====\n\nBody\n'],
    ['YAML behind a byte-order mark with CRLF', '\ufeff---\r\ntitle: "A: b"\r\n---\r\nBody\r\n'],
  ])('%s gives the title', (_name, text) => {
    expect(read(text)).toMatchObject({ issue: { title: 'A: b', subject: 'A: b' }, findings: [] });
  });

  test('none at all gives the file name', () => {
    expect(read('Body\n', 'issues/june/index.md').issue).toMatchObject({
      title: 'june',
      slug: 'june',
      bodyLine: 1,
    });
  });

  test('prose with a colon is not front matter', () => {
    expect(read('Note: mind the gap\n\nBody').issue?.body).toContain('Note: mind the gap');
  });

  test('the body keeps its line', () => {
    expect(read('---\ntitle: x\n---\n\nBody\n').issue).toMatchObject({ bodyLine: 4, body: '\nBody\n' });
  });

  test('a YAML fault names its line and column', () => {
    expect(rules('---\ntitle: x\nlist: [a\n---\nBody')).toEqual([
      expect.stringMatching(/^error front-matter \d:\d/),
    ]);
  });

  test.each([
    ['---\ntitle: x\n', ['error front-matter 1:1']],
    ['---\ntitle: x\n---\n', ['error empty-issue 4:1']],
    ['', ['error empty-issue 1:1']],
    ['---\ntitle: "a\\r\\nBcc: x@example.com"\n---\nBody', ['error control-character 2:1']],
    ['---\ntitle: x\ndate: 2024-04-17 14:4g5:00\n---\nBody', ['warning date 3:1']],
    ['---\ntitle: x\ndate: 2026-02-30\n---\nBody', ['warning date 3:1']],
    ['---\ntitle: x\ndate: [2026]\n---\nBody', ['warning date 3:1']],
    ['---\ntitle: x\nsendAt: "2026-12-01 09:00"\n---\nBody', ['error send-at 3:1']],
    // Unquoted, YAML makes both of these an instant in UTC.
    ['---\ntitle: x\nsendAt: 2026-12-01 09:00:00\n---\nBody', ['error send-at 3:1']],
    ['---\ntitle: x\nsendAt: 2026-12-01\n---\nBody', ['error send-at 3:1']],
    ['---\ntitle: x\nsendAt: 2026-02-30T09:00Z\n---\nBody', ['error send-at 3:1']],
    ['---\ntitle: x\nsendAt: 2026-12-01 09:00 Europe/Nowhere\n---\nBody', ['error send-at 3:1']],
    ['---\ntitle: x\nsendAt: 2026-03-29 02:30 Europe/Berlin\n---\nBody', ['error send-at 3:1']],
    ['---\ntitle: x\nsendAt: 2026-10-25 02:30 Europe/Berlin\n---\nBody', ['warning send-at 3:1']],
    ['---\ntitle: x\nlateBy: 24\n---\nBody', ['error late-by 3:1']],
    ['---\ntitle: x\nlist: [a\n---\nBody', ['error front-matter 4:1']],
    ['---\nprose\n---\nBody', ['error front-matter 2:1']],
    ['+++\ntitle = "x"\nlist = [\n+++\nBody', ['error front-matter 3:8']],
    ['Title: a\x07b\n\nBody', ['error control-character 1:1']],
    ['---\ntitle: {a: b}\n---\nBody', ['error front-matter 2:1']],
    ['Body\nb\0d', ['error control-character 2:2']],
    ['---\na: &a [*a]\n---\nBody', ['error front-matter 2:1']],
    [bomb(), ['error front-matter 2:1']],
    ['---\ntitle: x\ntitle: y\n---\nBody', ['warning duplicate-key 3:1']],
  ])('%j is reported', (text, expected) => expect(rules(text)).toEqual(expected));

  test('every fault is told at once', () => {
    expect(rules('---\ntitle: "a\\nb"\ndir: up\nsendAt: soon\n---\n')).toHaveLength(4);
  });

  test('JavaScript front matter never runs, nor is it mailed', () => {
    expect(rules('---js\nmodule.exports = process.exit(7)\n---\nBody')).toEqual(['error front-matter 1:1']);
  });

  test('a file may begin with a thematic break', () => {
    expect(read('---\n\nBody').issue?.body).toBe('---\n\nBody');
  });

  test('a comment in a code block is no title', () => {
    expect(read('```sh\n# install\n```\n\n# Real &amp; *true*\n').issue?.title).toBe('Real & true');
  });

  test('bytes that are not UTF-8 are found in their line', () => {
    const bytes = Buffer.from('---\ntitle: x\n---\nna\xefve\n', 'latin1');
    expect(parseIssue('x.md', bytes).findings).toMatchObject([{ rule: 'encoding', line: 4, column: 3 }]);
  });
});

describe('keys', () => {
  const issueOf = (yaml: string) => read(`---\n${yaml}\n---\nBody`).issue;

  test.each([
    ['date: 2020-12-18', '2020-12-18'],
    ['date: 2020-12-18 23:00:00 -0800', '2020-12-18T23:00:00-08:00'],
    ['date: "2020-12-18T10:00:00.000Z"', '2020-12-18T10:00:00Z'],
    ['date: 2017/6/13 18:38', '2017-06-13T18:38:00'],
    ['date: 01-29-2025', null],
  ])('%s is %s', (yaml, date) => expect(issueOf(yaml)?.date).toBe(date));

  test.each([
    ['slug: ../../etc/passwd', 'etc-passwd'],
    ['path: /blog/ebpf-updates-2020-12', 'ebpf-updates-2020-12'],
    ['permalink: /en/2025/07/04/', 'x'],
    ['slug: Grüße aus Köln!', 'grüße-aus-köln'],
    ['slug: 010', '010'],
  ])('%s gives the slug %s', (yaml, slug) => expect(issueOf(yaml)?.slug).toBe(slug));

  test.each(['//evil.example/x', 'https://evil.example/x', '/a/../b', '/a?b', '/a b'])(
    'permalink %s is no web address',
    (path) => expect(issueOf(`permalink: ${path}`)?.webPath).toBeNull(),
  );

  test('numbers are told as they were written', () => expect(issueOf('title: 1.10')?.title).toBe('1.10'));

  test('a preheader has no Markdown, entities or half merge fields', () => {
    const words = 'word '.repeat(26);
    expect(
      issueOf(`description: '**Hi** [{{subscriber.first_name}}](https://x.test) &hellip; \`a&b\`'`),
    ).toMatchObject({ preheader: 'Hi {{subscriber.first_name}} … a&b' });
    expect(issueOf(`preheader: ${words}{{subscriber.name | "dear reader"}}`)?.preheader).toBe(
      `${words.trim()}…`,
    );
    expect(issueOf('preheader: |\n  a\n  b')?.preheader).toBe('a b');
    expect([...issueOf(`preheader: "${'\u{1f600}'.repeat(200)}"`)!.preheader!]).toHaveLength(141);
  });

  test('authors may be objects, tags a line', () => {
    expect(issueOf('authors: [{name: A}, B]\ntags: x, y')).toMatchObject({
      authors: ['A', 'B'],
      tags: ['x', 'y'],
    });
  });

  test('every key has its place, unknown ones pass through', () => {
    expect(issueOf('title: x\nsponsor:\n  name: y')).toMatchObject({
      data: { sponsor: { name: 'y' } },
      keys: { title: { line: 2, column: 1 }, sponsor: { line: 3, column: 1 } },
    });
  });

  test.each([
    ['', null],
    ['archive:', null],
    ['archive: true', true],
    ['archive: "True"', true],
    ['archive: false', false],
    ['archive: "False"', false],
    ['archive: no', false],
    ['archive: 0', false],
    ['archive: perhaps', false],
  ])('what is not plainly a yes keeps an issue out of the archive: %s', (line, archive) => {
    expect(issueOf(line || 'title: x')?.archive).toBe(archive);
  });

  test('drafts', () => {
    expect(issueOf('draft: true')?.draft).toBe(true);
    expect(issueOf('status: Draft')?.draft).toBe(true);
    expect(issueOf('draft: false')?.draft).toBe(false);
  });
});

/** A few lines that stand for 10^9 values. */
function bomb(): string {
  const lines = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`)}]`);
  return `---\na0: &a0 [x]\n${lines.join('\n')}\n---\nBody`;
}

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '[a',
    '"x',
    '{}',
    '!!js/function',
    '&a [*a]',
    '2026-02-30',
    '"\\ud800"',
    '|\n  a\n  b',
    '# x',
    '*a',
  ),
);
const front = fc
  .array(
    fc.tuple(fc.constantFrom('title', 'date', 'slug', 'path', 'sendAt', 'tags', '__proto__', 'dir'), value),
  )
  .map((pairs) => pairs.map(([key, text]) => `${key}: ${text}\n`).join(''));
const file = fc
  .tuple(
    fc.constantFrom('---\n', '+++\n', '', '\ufeff---\r\n'),
    front,
    fc.constantFrom('---\n', '+++\n', '\n'),
    value,
  )
  .map((parts) => parts.join(''));

test('any front matter gives a well-formed issue or findings', () => {
  fc.assert(
    fc.property(file, (text) => {
      const { issue, findings } = read(text);
      expect(issue !== null || findings.some((finding) => finding.severity === 'error')).toBe(true);
      for (const finding of findings) expect(Math.min(finding.line, finding.column)).toBeGreaterThan(0);
      if (!issue) return;
      expect(issue.slug).toMatch(/^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}._-]*$/u);
      expect(JSON.stringify(issue.data).isWellFormed()).toBe(true);
      for (const words of [issue.title, issue.subject, issue.slug, issue.preheader ?? '']) {
        expect(words).not.toMatch(/\p{Cc}/u);
        expect(words.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('any bytes give an issue or findings', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { issue, findings } = parseIssue('x.md', bytes);
      expect(issue !== null || findings.some((finding) => finding.severity === 'error')).toBe(true);
    }),
  );
});

test('every real issue is read', () => {
  const files = realIssues();
  const counts: Record<string, number> = {};
  for (const file of files) {
    const { issue, findings } = parseIssue(file, readFileSync(file));
    expect(issue, `${file}: ${JSON.stringify(findings)}`).not.toBeNull();
    for (const { rule, line, column } of findings) {
      expect(Math.min(line, column)).toBeGreaterThan(0);
      counts[rule] = (counts[rule] ?? 0) + 1;
    }
  }
  console.log(`${files.length} real issues read, findings: ${JSON.stringify(counts)}`);
});

test('the seed keeps its long subject and gets a clean preheader', () => {
  if (!seedFolder) return console.log('The seed is not beside this checkout.');
  const { issue, findings } = parseIssue('seed/index.md', readFileSync(`${seedFolder}/index.md`));
  expect(issue?.subject).toHaveLength(116);
  expect(findings.map((finding) => finding.rule)).toEqual(['subject-length']);
  expect(issue).toMatchObject({
    slug: 'ebpf-updates-2020-12',
    webPath: '/blog/ebpf-updates-2020-12',
    sendAt: null,
  });
  expect(issue?.preheader).toMatch(/^Welcome to the second issue of the eBPF Updates! .{60,90}…$/);
});

test('`Key: value` lines know our own keys in any case', () => {
  const { issue, findings } = parseIssue(
    'issues/x.md',
    Buffer.from('Title: A letter\nSendAt: 2026-12-01T09:00+01:00\nREPLYTO: ada@example.com\n\nWords.\n'),
  );
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(issue).toMatchObject({ sendAt: '2026-12-01T09:00+01:00', replyTo: 'ada@example.com' });
});
