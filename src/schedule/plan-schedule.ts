import { type Campaign, PAUSED_BY_HAND } from '../campaign/campaign.ts';
import type { Issue } from '../issue/issue.ts';
import { parseSendAt } from '../issue/parse-send-at.ts';
import { parseDuration } from '../parse-duration.ts';

/** What a run of `send --due` finds: a value that is printed and then applied. The earliest stands first. */
export interface Schedule {
  /** Their time has come and nothing of them was ever sent. */
  readonly begin: readonly Due[];
  /** Campaigns under way: deferred readers, quotas, a sender that died, a relay that failed. */
  readonly goOn: readonly Campaign[];
  readonly later: readonly Due[];
  /** Nothing was sent in time, and now it is no longer wanted. */
  readonly late: readonly Due[];
  readonly held: readonly Held[];
}

export interface Due {
  readonly issue: Issue;
  /** `sendAt`, ms since 1970. */
  readonly at: number;
  /** `lateBy` after it. */
  readonly wantedUntil: number;
}

/** A campaign under way that is left alone. */
export interface Held {
  readonly campaign: Campaign;
  /** `gone`: no issue that can be read has its slug. `draft`: its author took it back. `by-hand`: no `sendAt`. */
  readonly why: 'gone' | 'draft' | 'paused' | 'by-hand';
}

/** How late an issue is still wanted when it does not say so: cron may have been down for a day. */
const LATE_BY = 86_400_000;

/**
 * Sorts issues that have a `sendAt`, and campaigns under way, by what is to be done at `now`. What git says counts: an
 * issue that was deleted or made a draft sends nothing more, though its campaign is frozen; a finished or cancelled
 * campaign is never begun again, whoever joined the list since. Pure.
 */
export function planSchedule(
  issues: readonly Issue[],
  campaigns: readonly Campaign[],
  now: number,
): Schedule {
  const dues = issues.filter(({ draft }) => !draft).flatMap((issue) => dueOf(issue) ?? []);
  const neverBegun = dues
    .filter(({ issue }) => !campaigns.some(({ slug }) => slug === issue.slug))
    .sort((a, b) => a.at - b.at || (a.issue.slug < b.issue.slug ? -1 : 1));
  const bySlug = new Map(issues.map((issue) => [issue.slug, issue]));
  const underWay = campaigns
    .filter(({ state }) => state !== 'finished' && state !== 'cancelled')
    .map((campaign) => ({ campaign, why: whyHeld(campaign, bySlug.get(campaign.slug)) }));
  return {
    begin: neverBegun.filter(({ at, wantedUntil }) => at <= now && now <= wantedUntil),
    goOn: underWay.flatMap(({ campaign, why }) => (why === null ? [campaign] : [])),
    later: neverBegun.filter(({ at }) => at > now),
    late: neverBegun.filter(({ wantedUntil }) => wantedUntil < now),
    held: underWay.flatMap(({ campaign, why }) => (why === null ? [] : [{ campaign, why }])),
  };
}

function dueOf(issue: Issue): Due | null {
  const due = issue.sendAt === null ? null : parseSendAt(issue.sendAt);
  if (due === null || 'fault' in due) return null;
  const lateBy = issue.lateBy === null ? null : parseDuration(issue.lateBy);
  return { issue, at: due.at, wantedUntil: due.at + (lateBy ?? LATE_BY) };
}

function whyHeld({ state, reason }: Campaign, issue: Issue | undefined): Held['why'] | null {
  if (!issue) return 'gone';
  if (issue.draft) return 'draft';
  if (state === 'paused' && reason === PAUSED_BY_HAND) return 'paused';
  return issue.sendAt === null ? 'by-hand' : null;
}
