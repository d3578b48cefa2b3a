import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Email } from '../../src/email/email.ts';
import { GONE, webPage } from '../../src/web/archive/web-page.ts';

const email = { embedded: [], hosted: [] } as unknown as Email;
const page = (body: string) =>
  webPage(`<html><head></head><body>${body}</body></html>`, email, null, { head: '', nav: '', up: '../' })
    .replace(/^.*<main>/s, '')
    .replace(/<\/main>.*$/s, '');
const gone = (words: string) => `<a href="${GONE}" style="color:#625d56">${words}</a>`;
const kept = '<a href="https://x.example/">Kept</a>';
const DOT = ' &nbsp;·&nbsp; ';

test.each([
  ['all', `<p style="margin:0">${gone('Leave')}${DOT}${gone('Choose')}${DOT}${gone('View')}</p>`, ''],
  ['the last', `<p>${kept}${DOT}${gone('View')}</p>`, `<p>${kept}</p>`],
  ['the first', `<p>${gone('Leave')}${DOT}${kept}</p>`, `<p>${kept}</p>`],
  ['one between two', `<p>${kept}${DOT}${gone('Leave')}${DOT}${kept}</p>`, `<p>${kept}${DOT}${kept}</p>`],
  [
    'two between two',
    `<p>${kept} | ${gone('Leave')} | ${gone('Choose')} | ${kept}</p>`,
    `<p>${kept} | ${kept}</p>`,
  ],
  ['one in a sentence', `<p>To leave, ${gone('go here')}.</p>`, '<p>To leave, .</p>'],
  ['none', `<p>${kept} · a - b</p>`, `<p>${kept} · a - b</p>`],
])('links to nowhere go with the signs between them: %s', (_what, body, wanted) => {
  expect(page(body)).toBe(wanted);
});

test('whatever stands around them, no link to nowhere is left, and every other is', () => {
  const piece = fc.constantFrom(
    gone('x'),
    kept,
    '<p>',
    '</p>',
    DOT,
    ' | ',
    'words',
    '<br>',
    '<b>',
    '</b>',
    '\ue000',
    '$&',
    '$1',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = page(pieces.join(''));
      expect(text).not.toContain(GONE);
      expect(text).not.toContain('\ue000');
      const count = (what: string) => pieces.filter((one) => one === what).length;
      expect(text.split(kept).length - 1).toBe(count(kept));
      expect(text.split('words').length - 1).toBe(count('words'));
    }),
    { numRuns: 500 },
  );
});
