import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RULES } from '../../src/check/rules.ts';
import { docsOf } from '../../src/finding.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** How the rooms other than `check/` name the rule of a finding. */
const NAMED = [
  /\breport\(\s*'(?:error|warning|advice)',\s*'([a-z-]+)'/g,
  /\bfault\([^'"`]{1,40},\s*'([a-z-]+)'/g,
  /\bfinding\(\s*'([a-z-]+)'/g,
  /\blost\([^()]{1,40},\s*'([a-z-]+)'/g,
  /\brule: '([a-z-]+)'/g,
];

/** `none(path, 'list', …)` of project.ts gives `no-list`. */
const NONE = /\bnone\('?[^,()]{1,40},\s*'([a-z]+)'/g;

function rulesInSource(): Set<string> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const named = files.flatMap((file) => {
    const source = readFileSync(join(root, 'src', file), 'utf8');
    return [
      ...NAMED.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]!)),
      ...[...source.matchAll(NONE)].map((match) => `no-${match[1]}`),
    ];
  });
  return new Set([...named, ...Object.keys(RULES)]);
}

test('every rule stands in the README once, and no other does', () => {
  const told = [...readme.matchAll(/^\| <a id="([^"]+)"><\/a>`([a-z-]+)` \| [^|].+ \|$/gm)];
  for (const [, anchor, rule] of told) expect(docsOf(rule!)).toBe(`README.md#${anchor}`);
  expect(told.map(([, , rule]) => rule).sort()).toEqual([...rulesInSource()].sort());
});

test('rules are found in the source however they are named', () => {
  // One of each way, so that a pattern that no longer finds anything is noticed.
  expect([...rulesInSource()]).toEqual(
    expect.arrayContaining([
      'encoding',
      'html-embed',
      'list-row',
      'unreadable',
      'slug',
      'no-list',
      'no-template',
      'contrast',
    ]),
  );
});
