import { describe, expect, test, vi } from 'vitest';
import { brokenLinks, webLinks } from '../../src/check/broken-links.ts';
import { openProgress } from '../../src/commands/check/open-progress.ts';
import { compile } from '../email/sample.ts';

async function linksOf(body: string, siteUrl: string | null = 'https://news.example.com') {
  const { issue, email } = await compile(`---\ntitle: T\nslug: t\n---\n\n${body}\n`, { siteUrl });
  return webLinks(issue, email!.links, siteUrl).map(
    ({ address, line, column }) => `${line}:${column} ${address}`,
  );
}

describe('links to ask for', () => {
  test('are those of the web, with their places, fragments left out', async () => {
    expect(
      await linksOf(
        '[a](https://a.example.com/x#y) and [b](http://b.example.com)\n\n<a href="//c.example.com/">c</a>',
      ),
    ).toEqual(['6:1 https://a.example.com/x', '6:36 http://b.example.com/', '8:1 https://c.example.com/']);
  });

  test('relative ones lead to the website, and nowhere without one', async () => {
    expect(await linksOf('[a](/old) and [b](other)')).toEqual([
      '6:1 https://news.example.com/old',
      '6:15 https://news.example.com/other',
    ]);
    expect(await linksOf('[a](/old)', null)).toEqual([]);
  });

  test.each([
    '[a](mailto:ada@example.com)',
    '## Ink\n\n[a](#ink)',
    '[a](https://a.example.com/?for={{subscriber.name | "x"}})',
    '[a](http://localhost:3000/)',
    '[a](https://[::ffff:127.0.0.1]/)',
    '[a](ftp://a.example.com/)',
    '`https://a.example.com/`',
  ])('%j is not one', async (body) => {
    expect(await linksOf(body)).toEqual([]);
  });
});

describe('link-broken', () => {
  const at = (address: string, line: number) => ({ address, path: 'issues/x.md', line, column: 3 });
  const answer = (status: number | null, words = String(status)) => ({
    works: status !== null && status < 400,
    status,
    words,
  });
  const told = (...answers: [string, ReturnType<typeof answer>][]) =>
    brokenLinks([at('https://a.example.com/', 7), at('https://b.example.com/', 9)], new Map(answers)).map(
      ({ rule, severity, line, column, message }) => `${line}:${column} ${severity} ${message} (${rule})`,
    );

  test.each([404, 410, 400, 500, 502])('is told of %d, at the line of the link', (status) => {
    expect(told(['https://a.example.com/', answer(200)], ['https://b.example.com/', answer(status)])).toEqual(
      [`9:3 warning https://b.example.com/ gives readers no page: ${status}. (link-broken)`],
    );
  });

  test('is told of what cannot be reached', () => {
    expect(told(['https://a.example.com/', answer(null, 'does not answer')])).toEqual([
      '7:3 warning https://a.example.com/ gives readers no page: does not answer. (link-broken)',
    ]);
  });

  test.each([200, 204, 401, 403, 429, 503, 999])('is not told of %d', (status) => {
    expect(told(['https://a.example.com/', answer(status)])).toEqual([]);
  });

  test('is not told of what was not asked', () => {
    expect(told()).toEqual([]);
  });
});

describe('progress in a pipe', () => {
  test.each([
    [false, ['1 of 1,200 issues checked', '2 of 1,200 issues checked']],
    [true, []],
  ])('is a line every ten seconds; quiet: %s', (quiet, lines) => {
    vi.useFakeTimers();
    try {
      const said: string[] = [];
      // The terminal is silent with --quiet by itself.
      const say = (text: string) => void (quiet || said.push(text));
      const progress = openProgress({ say }, 'issues checked', 1200, { quiet, isTerminal: false });
      progress.step();
      vi.advanceTimersByTime(10_000);
      progress.step();
      vi.advanceTimersByTime(10_000);
      progress.close();
      vi.advanceTimersByTime(60_000);
      expect(said).toEqual(lines);
    } finally {
      vi.useRealTimers();
    }
  });
});
