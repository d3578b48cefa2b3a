import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAuthenticationResults } from '../../src/doctor/read-authentication-results.ts';

const verdicts = (...lines: string[]) =>
  Object.fromEntries(
    readAuthenticationResults(lines.join('\r\n')).map(({ check, verdict }) => [check, verdict]),
  );

test.each([
  [
    ['Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=a; dkim=pass header.d=b; dmarc=pass'],
    'pass pass pass',
  ],
  [
    [
      'Authentication-Results: mx.example.net;',
      '\tdkim=fail (bad; dkim=pass) header.d=b;',
      ' dkim=pass header.d=c; spf=softfail',
    ],
    'fail pass unknown',
  ],
  [
    ['Authentication-Results: mx.example.net 1; spf=temperror; dkim=permerror; dmarc=none'],
    'unknown fail fail',
  ],
  [['Authentication-Results: mx.example.net; none'], 'unknown unknown unknown'],
  [
    [
      'Received: x',
      'Authentication-Results: mx; dkim=fail',
      'Authentication-Results: forged; spf=pass; dkim=pass; dmarc=pass',
    ],
    'unknown fail unknown',
  ],
])('%j: %s', (lines, wanted) => {
  const [spf, dkim, dmarc] = wanted.split(' ');
  expect(verdicts(...lines)).toEqual({ spf, dkim, dmarc });
});

test('a message without it says nothing', () =>
  expect(verdicts('Subject: Authentication-Results: x; spf=pass')).toEqual({}));

test('a comment never counts as a result, however it nests', () => {
  const comment = fc.string({ unit: fc.constantFrom('(', ')', 'spf=pass', ';', ' ') }).map((text) => {
    let depth = 0;
    let balanced = '(';
    for (const character of text) {
      if (character === ')' && depth === 0) continue;
      depth += character === '(' ? 1 : character === ')' ? -1 : 0;
      balanced += character;
    }
    return balanced + ')'.repeat(depth + 1);
  });
  fc.assert(
    fc.property(comment, (text) => {
      expect(verdicts(`Authentication-Results: mx; spf=fail ${text}; dkim=fail; dmarc=fail`).spf).toBe(
        'fail',
      );
    }),
  );
});
