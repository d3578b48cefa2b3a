import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { compile, read } from '../email/sample.ts';
import { realIssues, seedFolder } from '../support/shared.ts';
import { compileIssue } from './compile-issue.ts';

const octets = async (name: string) => {
  const email = await compileIssue(name, { publicUrl: 'https://letters.example.com', images: 'embedded' });
  const { html } = read(email);
  const styles = [...html.matchAll(/<style\b[^>]*>([\s\S]*?)<\/style>/g)].map((match) => match[1]).join('');
  return { html: Buffer.byteLength(html), styles: Buffer.byteLength(styles), email };
};

describe('size', () => {
  test('of what stands around an issue is a tenth of what Gmail shows', async () => {
    const { html, styles, email } = await octets('hello');
    const body = email.sections.reduce((sum, section) => sum + section.size, 0);
    expect(html - body).toBeLessThan(9_500);
    // Gmail drops style sheets of more than 16 KB.
    expect(styles).toBeLessThan(4_000);
  });

  test('of the seed is at most 42 KB', async () => {
    if (seedFolder === null)
      return console.log('The seed is not beside the checkout: its size is not tried.');
    expect((await octets(seedFolder)).html).toBeLessThanOrEqual(42_000);
  });

  test('of real issues is at most 2.2 times their Markdown, by the median', async () => {
    const ratios: number[] = [];
    for (const path of realIssues()) {
      const source = readFileSync(path);
      const { issue } = parseIssue(path, source);
      // The project's own specimen shows each construct once: hardly any words, much markup.
      if (!issue || path.endsWith('2026-10-specimen.md')) continue;
      const { html } = read((await compile(source, {}, path)).email!);
      ratios.push(Buffer.byteLength(html) / Buffer.byteLength(issue.body));
    }
    if (ratios.length === 0) return;
    const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
    console.log(`The HTML of ${ratios.length} real issues is ${median.toFixed(2)} times their Markdown.`);
    expect(median).toBeLessThanOrEqual(2.2);
  });
});
