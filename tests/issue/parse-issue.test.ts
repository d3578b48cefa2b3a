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
    ['---\ntitle: x\nsendAt: "2026-12-01 09:00"\n---\nBody', ['error send-at 3:1']],
    ['---\ntitle: x\ntitle: y\n---\nBody', ['warning front-matter 3:1']],
  ])('%j is reported', (text, expected) => expect(rules(text)).toEqual(expected));

  test('every fault is told at once', () => {
    expect(rules('---\ntitle: "a\\nb"\ndir: up\nsendAt: soon\n---\n')).toHaveLength(4);
  });

  test('JavaScript front matter never runs', () => {
    expect(read('---js\nmodule.exports = process.exit(7)\n---\nBody').issue?.title).toBe('x');
  });
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
  for (const file of files) {
    const { issue, findings } = parseIssue(file, readFileSync(file));
    expect(issue, `${file}: ${JSON.stringify(findings)}`).not.toBeNull();
  }
  console.log(`${files.length} real issues read`);
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
