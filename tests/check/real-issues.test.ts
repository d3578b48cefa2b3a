import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkIssue } from '../../src/check/check-issue.ts';
import { compile, newsletter } from '../email/sample.ts';
import { realIssues } from '../support/shared.ts';

test('no rule calls a real, published issue wrong: they were all read by somebody', async () => {
  const errors: string[] = [];
  const counts = new Map<string, number>();
  let checked = 0;
  for (const path of realIssues()) {
    const compiled = await compile(readFileSync(path), {}, path);
    if (compiled.email) checked += 1;
    for (const { rule, severity, line, column, message } of checkIssue(
      compiled.issue,
      compiled,
      newsletter,
    )) {
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
      if (severity === 'error') errors.push(`${path}:${line}:${column} ${rule} ${message}`);
    }
  }
  const table = [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([rule, count]) => `  ${count} ${rule}`);
  console.log(`Findings over ${checked} real issues:\n${table.join('\n')}`);
  expect(checked).toBe(realIssues().length);
  expect(errors).toEqual([]);
});
