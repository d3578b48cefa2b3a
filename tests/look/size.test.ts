import { describe, expect, test } from 'vitest';
import { read } from '../email/sample.ts';
import { seedFolder } from '../support/shared.ts';
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
    expect(html - body).toBeLessThan(11_000);
    // Gmail drops style sheets of more than 16 KB.
    expect(styles).toBeLessThan(4_000);
  });

  test('of the seed is at most 42 KB', async () => {
    if (seedFolder === null)
      return console.log('The seed is not beside the checkout: its size is not tried.');
    expect((await octets(seedFolder)).html).toBeLessThanOrEqual(42_000);
  });
});
