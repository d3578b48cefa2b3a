import { describe, expect, test } from 'vitest';
import { checkFields } from '../../src/check/check-fields.ts';
import { checkNewsletter } from '../../src/check/check-newsletter.ts';
import { openCoverage } from '../../src/check/coverage.ts';
import { silenced } from '../../src/check/silenced.ts';
import { newsletter } from '../email/sample.ts';

describe('the configuration', () => {
  test('with everything set is silent', () => {
    expect(checkNewsletter(newsletter, 'newsletter.config.ts')).toEqual([]);
  });

  test.each([
    ['postal-address', 'warning', { postalAddress: null }],
    ['postal-address', 'warning', { postalAddress: ' ' }],
    ['public-url', 'advice', { publicUrl: null }],
    ['no-unsubscribe', 'error', { publicUrl: null, unsubscribeMailto: null }],
    ['site-url', 'advice', { siteUrl: null }],
    ['contrast', 'warning', { brand: { ...newsletter.brand, accent: '#ffcc00' } }],
  ])('%s', (rule, severity, changes) => {
    expect(checkNewsletter({ ...newsletter, ...changes }, 'newsletter.config.ts')).toMatchObject([
      { rule, severity, path: 'newsletter.config.ts', line: 1, column: 1 },
    ]);
  });
});

describe('fields', () => {
  const use = (field: string, fallback: string | null = null) => ({
    field,
    fallback,
    path: 'issues/x.md',
    line: 3,
    column: 9,
  });
  const check = (uses: ReturnType<typeof use>[], readers: Record<string, string>[]) => {
    const { add, coverage } = openCoverage(uses);
    for (const [index, fields] of readers.entries()) add({ fields }, index + 2);
    return checkFields(uses, coverage()).map(({ rule, message }) => `${rule}: ${message}`);
  };

  test('that everybody has are silent, and so are fallbacks, the address, and an empty list', () => {
    expect(check([use('name')], [{ name: 'Ada' }, { name: 'Bob' }])).toEqual([]);
    expect(check([use('name', 'you'), use('plan', '')], [{ name: '' }])).toEqual([]);
    expect(check([use('email')], [{}])).toEqual([]);
    expect(check([use('name')], [])).toEqual([]);
  });

  test('that nobody has are errors', () => {
    expect(check([use('plan')], [{ name: 'Ada' }, { name: 'Bob' }])).toEqual([
      'field-unknown: No subscriber has a field "plan".',
    ]);
    expect(check([use('__proto__'), use('constructor')], [{}])).toHaveLength(2);
  });

  test('that some lack are warnings, with the first of them', () => {
    expect(check([use('name')], [{ name: 'Ada' }, { name: '' }, {}])).toEqual([
      'field-missing: 2 of 3 subscribers have no "name", the first on line 3 of the list.',
    ]);
  });

  test('one with a fallback does not excuse one without', () => {
    expect(check([use('name', 'you'), use('name')], [{ name: 'Ada' }, {}])).toHaveLength(1);
  });
});

describe('silence', () => {
  const finding = (rule: string, severity: 'error' | 'warning') => ({
    rule,
    severity,
    path: 'x',
    line: 1,
    column: 1,
    message: 'm',
    hint: '',
  });
  const all = [finding('a', 'warning'), finding('b', 'warning'), finding('c', 'error')];
  const left = (issue: string[] | null, config: string[]) =>
    silenced(all, issue && { silence: issue }, { silence: config }).map(({ rule }) => rule);

  test('comes from the issue and from the configuration, and never covers an error', () => {
    expect(left([], [])).toEqual(['a', 'b', 'c']);
    expect(left(['a', 'c'], [])).toEqual(['b', 'c']);
    expect(left(['a'], ['b', 'c'])).toEqual(['c']);
    expect(left(null, ['b'])).toEqual(['a', 'c']);
  });
});
