import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Campaign, type CampaignState, PAUSED_BY_HAND } from '../../src/campaign/campaign.ts';
import type { Issue } from '../../src/issue/issue.ts';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { planSchedule } from '../../src/schedule/plan-schedule.ts';

const HOUR = 3_600_000;
const NINE = Date.UTC(2026, 11, 1, 9);

function issue(slug: string, front: Record<string, string> = { sendAt: '2026-12-01T09:00Z' }): Issue {
  const lines = Object.entries({ slug, ...front }).map(([key, value]) => `${key}: ${value}`);
  const read = parseIssue(`issues/${slug}.md`, Buffer.from(`---\n${lines.join('\n')}\n---\nWords.\n`));
  if (!read.issue) throw new Error(JSON.stringify(read.findings));
  return read.issue;
}

function campaign(slug: string, state: CampaignState, reason = ''): Campaign {
  return {
    id: `${slug}-${state}`,
    slug,
    state,
    reason,
    list: 'weekly',
    digest: '',
    createdAt: NINE,
  } as Campaign;
}

/** The schedule as words: `begin hello`. */
function planned(issues: Issue[], campaigns: Campaign[], now = NINE): string[] {
  const { begin, goOn, later, late, held } = planSchedule(issues, campaigns, now);
  return [
    ...begin.map((one) => `begin ${one.issue.slug}`),
    ...goOn.map(({ slug }) => `go on ${slug}`),
    ...later.map((one) => `later ${one.issue.slug}`),
    ...late.map((one) => `late ${one.issue.slug}`),
    ...held.map(({ campaign: { slug }, why }) => `${why} ${slug}`),
  ];
}

describe('an issue of which nothing was sent', () => {
  test.each([
    ['a second before its time', -1000, ['later a']],
    ['at its time', 0, ['begin a']],
    ['a day late', 24 * HOUR, ['begin a']],
    ['later than a day', 24 * HOUR + 1, ['late a']],
  ])('%s', (_when, after, want) => expect(planned([issue('a')], [], NINE + after)).toEqual(want));

  test('says itself how late it is wanted', () => {
    const patient = issue('a', { sendAt: '2026-12-01T09:00Z', lateBy: '7d' });
    const hasty = issue('b', { sendAt: '2026-12-01T09:00Z', lateBy: '0m' });
    expect(planned([patient, hasty], [], NINE)).toEqual(['begin a', 'begin b']);
    expect(planned([patient, hasty], [], NINE + 1)).toEqual(['begin a', 'late b']);
    expect(planned([patient, hasty], [], NINE + 8 * 24 * HOUR)).toEqual(['late a', 'late b']);
  });

  test('is never sent as a draft, nor without sendAt, whatever its date', () => {
    const draft = issue('a', { sendAt: '2026-12-01T09:00Z', draft: 'true' });
    expect(planned([draft, issue('b', { date: '2026-12-01' })], [])).toEqual([]);
  });

  test('the earliest goes first', () => {
    const issues = [
      issue('c', { sendAt: '2026-12-01T08:59Z' }),
      issue('b'),
      issue('a', { sendAt: '"2026-12-01 09:00 Europe/Berlin"' }),
    ];
    expect(planned(issues, [])).toEqual(['begin a', 'begin c', 'begin b']);
  });
});

describe('an issue with a campaign', () => {
  test.each([
    ['running', '', ['go on a']],
    ['paused', 'The mail server fails', ['go on a']],
    ['paused', PAUSED_BY_HAND, ['paused a']],
    ['finished', '', []],
    ['cancelled', 'cancelled by hand', []],
  ] as const)('%s (%s)', (state, reason, want) => {
    // However late it is: what was begun is brought to its end.
    for (const after of [0, 365 * 24 * HOUR])
      expect(planned([issue('a')], [campaign('a', state, reason)], NINE + after)).toEqual(want);
  });

  test('is held when it was deleted, made a draft, or was begun by hand', () => {
    expect(planned([], [campaign('a', 'running')])).toEqual(['gone a']);
    const draft = issue('a', { sendAt: '2026-12-01T09:00Z', draft: 'true' });
    expect(planned([draft], [campaign('a', 'running')])).toEqual(['draft a']);
    expect(planned([issue('a', {})], [campaign('a', 'running')])).toEqual(['by-hand a']);
  });

  test('that is finished is not begun again, but a second one under way goes on', () => {
    expect(planned([issue('a')], [campaign('a', 'finished'), campaign('a', 'running')])).toEqual(['go on a']);
  });
});

test('whatever there is: an issue begins at most once, and only without a campaign, in time and no draft', () => {
  const slugs = fc.constantFrom('a', 'b', 'c');
  const someIssues = fc.uniqueArray(
    fc.record({ slug: slugs, draft: fc.boolean(), hours: fc.integer({ min: -60, max: 60 }) }),
    { selector: ({ slug }) => slug },
  );
  const someCampaigns = fc.array(
    fc.tuple(slugs, fc.constantFrom<CampaignState>('running', 'paused', 'finished', 'cancelled')),
  );
  fc.assert(
    fc.property(someIssues, someCampaigns, (given, states) => {
      const issues = given.map(({ slug, draft, hours }) =>
        issue(slug, { sendAt: new Date(NINE + hours * HOUR).toISOString(), draft: String(draft) }),
      );
      const campaigns = states.map(([slug, state]) => campaign(slug, state));
      const plan = planSchedule(issues, campaigns, NINE);
      for (const { issue: begun, at } of plan.begin) {
        expect(begun.draft).toBe(false);
        expect(campaigns.filter(({ slug }) => slug === begun.slug)).toEqual([]);
        expect(at <= NINE && at >= NINE - 24 * HOUR).toBe(true);
      }
      expect(new Set(plan.begin.map((one) => one.issue.slug)).size).toBe(plan.begin.length);
      const open = campaigns.filter(({ state }) => state === 'running' || state === 'paused');
      expect(plan.goOn.length + plan.held.length).toBe(open.length);
    }),
  );
});
