import { describe, expect, test } from 'vitest';
import { checkLedger } from '../../src/doctor/check-ledger.ts';
import { checkRelay } from '../../src/doctor/check-relay.ts';
import { checkClock, checkComplaints, checkUnsubscribe } from '../../src/doctor/check-setup.ts';
import type { Diagnosis } from '../../src/doctor/diagnosis.ts';
import { PROVIDERS, providerRules, SOURCES } from '../../src/doctor/provider-rules.ts';

const NOW = Date.UTC(2026, 10, 25);

describe('one-click', () => {
  const URL = 'https://letters.example.com';
  test.each([
    [null, null, 'advice'],
    ['http://localhost', { status: 200, date: null }, 'fail'],
    [URL, null, 'unknown'],
    [URL, { status: 200, date: null }, 'pass'],
    [URL, { status: 202, date: null }, 'pass'],
    [URL, { status: 302, date: null }, 'fail'],
    [URL, { status: 405, date: null }, 'fail'],
    [URL, { fault: 'certificate has expired' }, 'fail'],
  ] as const)('%s %j: %s', (url, posted, verdict) => {
    const found = checkUnsubscribe(url, posted);
    expect(found.verdict).toBe(verdict);
    expect(found.mend === '').toBe(verdict === 'pass');
  });
});

test('a redirect is named, for many a proxy makes one', () => {
  const posted = { status: 308, date: null };
  expect(checkUnsubscribe('https://letters.example.com', posted).says).toContain('redirects a POST (308)');
});

test.each([
  ['Wed, 25 Nov 2026 00:00:02 GMT', 'pass'],
  ['Wed, 25 Nov 2026 00:06:00 GMT', 'fail'],
  ['Tue, 24 Nov 2026 23:00:00 GMT', 'fail'],
  ['noon', 'unknown'],
  [null, 'unknown'],
])('a clock that says %s: %s', (date, verdict) => expect(checkClock(date, NOW).verdict).toBe(verdict));

test.each([
  [5, 999, 'unknown'],
  [0, 1000, 'pass'],
  [1, 1000, 'advice'],
  [3, 1000, 'fail'],
])('%i complaints of %i: %s', (complaints, accepted, verdict) =>
  expect(checkComplaints(complaints, accepted).verdict).toBe(verdict),
);

test('a ledger that does not add up fails, and what is uncertain is told', () => {
  const health = { place: 'a file', fault: null, campaigns: 1, accepted: 2, uncertain: 0, complaints: 0 };
  const verdicts = (changes: object) => checkLedger({ ...health, ...changes }).map(({ verdict }) => verdict);
  expect(verdicts({ fault: 'It was planned for 3 readers, but holds 2.' })).toEqual(['fail']);
  expect(verdicts({})).toEqual(['pass']);
  expect(verdicts({ uncertain: 2 })).toEqual(['pass', 'advice']);
});

test('a certificate that ends soon is told, plain text to another machine fails', () => {
  const answer = {
    failed: null,
    capabilities: [],
    loggedIn: true,
    tls: { protocol: 'TLSv1.3', validTo: 'Nov 28 00:00:00 2026 GMT' },
  };
  const tls = (more: object, local = false) =>
    checkRelay('smtp.example.com:587', { ...answer, ...more }, { local, now: NOW, largest: 1 }).find(
      ({ check }) => check === 'tls',
    )?.verdict;
  expect(tls({})).toBe('advice');
  expect(tls({ tls: { protocol: 'TLSv1.3', validTo: 'Nov 28 00:00:00 2027 GMT' } })).toBe('pass');
  expect(tls({ tls: null })).toBe('fail');
  expect(tls({ tls: null }, true)).toBe('pass');
});

describe('rules of providers', () => {
  const found = (check: string, verdict: string): Diagnosis =>
    ({ check, verdict, says: '', mend: `mend ${check}`, source: '' }) as Diagnosis;
  const verdictOf = (rule: RegExp, diagnoses: Diagnosis[]) =>
    providerRules(diagnoses).find((one) => rule.test(one.rule))!;

  test('the worst check counts, and what was not looked at is unknown', () => {
    expect(verdictOf(/^SPF passes/, [found('spf', 'pass')])).toMatchObject({ verdict: 'pass' });
    expect(verdictOf(/^DKIM/, [found('dkim', 'pass'), found('dkim', 'fail')])).toMatchObject({
      verdict: 'fail',
      mend: 'mend dkim',
    });
    expect(verdictOf(/^DMARC/, [])).toMatchObject({ verdict: 'unknown' });
  });

  test.each([
    ['fail', 'pass', 'pass'],
    ['pass', 'unknown', 'pass'],
    ['fail', 'unknown', 'unknown'],
    ['fail', 'fail', 'fail'],
  ])('of SPF (%s) and DKIM (%s) one is enough for senders of less: %s', (spf, dkim, verdict) => {
    expect(verdictOf(/^SPF or DKIM/, [found('spf', spf), found('dkim', dkim)]).verdict).toBe(verdict);
  });

  test('each provider has a source, and asks something', () => {
    for (const provider of PROVIDERS) {
      expect(SOURCES[provider]).toMatch(/^https:/);
      expect(providerRules([]).some(({ asked }) => asked[provider] !== 'no')).toBe(true);
    }
  });
});
