import type { Campaign, Counts, Delivery, ReplyCount } from '../campaign/campaign.ts';
import { groupReplies } from './group-replies.ts';
import { type Histogram, openHistogram } from './histogram.ts';
import type { DomainReport, Report } from './report.ts';
import { openTimeline } from './timeline.ts';

/** Adds up deliveries as they are read: a million of them take no more room than their domains. */
export interface Tally {
  add(delivery: Delivery): void;
  read(campaign: Campaign, counts: Counts, replies: readonly ReplyCount[]): Report;
}

/** So many domains are told apart on the page. */
const SHOWN = 12;
/** A hostile list could name a new domain for each reader. */
const KEPT = 50_000;

interface Domain extends Record<'accepted' | 'deferred' | 'rejected' | 'uncertain' | 'others', number> {
  readonly latency: Histogram;
}

export function openTally(): Tally {
  const domains = new Map<string | null, Domain>();
  const latency = openHistogram();
  const accepted = openTimeline();
  let deferred = 0;

  const domainOf = ({ address }: Delivery): Domain => {
    const named = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    const name = domains.has(named) || domains.size < KEPT ? named : null;
    const known = domains.get(name) ?? newDomain();
    domains.set(name, known);
    return known;
  };

  return {
    add(delivery) {
      const domain = domainOf(delivery);
      const { state, begunAt, settledAt } = delivery;
      const waits = state === 'queued' && delivery.tries > 0;
      if (waits) deferred += 1;
      domain[
        waits
          ? 'deferred'
          : state === 'accepted' || state === 'rejected' || state === 'uncertain'
            ? state
            : 'others'
      ] += 1;
      // Without a code a person has counted it as accepted: nobody knows when it was.
      if (state !== 'accepted' || delivery.code === null || settledAt === null || begunAt === null) return;
      accepted.add(settledAt);
      latency.add(settledAt - begunAt);
      domain.latency.add(settledAt - begunAt);
    },
    read({ slug, list, state, reason, createdAt }, counts, replies) {
      const sorted = [...domains].sort(([a, one], [b, other]) =>
        a === null ? 1 : b === null ? -1 : sizeOf(other) - sizeOf(one),
      );
      const rest = sorted.slice(SHOWN);
      return {
        campaign: { slug, list, state, reason, createdAt },
        counts,
        deferred,
        accepted: accepted.read(),
        latency: latency.read(),
        domains: [
          ...sorted.slice(0, SHOWN).map(([name, domain]) => toReport(name, domain)),
          ...(rest.length > 0 ? [together(rest.map(([, domain]) => domain))] : []),
        ],
        replies: groupReplies(replies.filter(({ state: of }) => of !== 'accepted')),
      };
    },
  };
}

function newDomain(): Domain {
  return { accepted: 0, deferred: 0, rejected: 0, uncertain: 0, others: 0, latency: openHistogram() };
}

function sizeOf({ accepted, deferred, rejected, uncertain, others }: Domain): number {
  return accepted + deferred + rejected + uncertain + others;
}

function toReport(domain: string | null, { latency, ...counts }: Domain): DomainReport {
  return { domain, ...counts, latency: latency.read() };
}

/** The rest, of which no latency is told: it would say nothing of any of them. */
function together(rest: readonly Domain[]): DomainReport {
  const sum = (name: 'accepted' | 'deferred' | 'rejected' | 'uncertain' | 'others') =>
    rest.reduce((total, domain) => total + domain[name], 0);
  return {
    domain: null,
    accepted: sum('accepted'),
    deferred: sum('deferred'),
    rejected: sum('rejected'),
    uncertain: sum('uncertain'),
    others: sum('others'),
    latency: null,
  };
}
