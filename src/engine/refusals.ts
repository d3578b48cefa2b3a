import type { Delivery } from '../campaign/campaign.ts';

/** What follows from one more refusal for policy's sake. */
export interface Consequence {
  /** Settled as rejected, but not for their own sake: to be queued again. */
  readonly again: readonly Delivery[];
  /** The domain is left alone for a while. */
  readonly rest: boolean;
  /** It is not one domain's matter: the campaign stops. */
  readonly pause: boolean;
}

/** How policy has gone lately, by domain and over all. */
export interface Refusals {
  accepted(domain: string): void;
  refused(delivery: Delivery, domain: string, reply: string): Consequence;
  /** Several in a row, and nothing was ever accepted. */
  all(): boolean;
  /** What was said the last time. */
  words(): string;
  /** Domains that refuse everybody, and are tried again later, in words; '' when there are none. */
  waiting(): string;
}

/** So many in a row are no coincidence. */
const SEVERAL = 5;

/** A message is refused for policy's sake so often, then it is rejected: the rule may after all be about this one. */
const TRIES = 3;

/**
 * Policy (5.7.x, blocklists, quotas) refuses the message or its sender, whoever reads: one such answer may be a domain's own
 * rule, but several in a row say that our address is listed or our quota used up. Readers must not be lost for that.
 */
export function openRefusals(): Refusals {
  let row: string[] = [];
  let said = '';
  let anyAccepted = false;
  const waiting = new Map<string, { count: number; deliveries: Delivery[] }>();
  const take = (domain: string) => waiting.get(domain)?.deliveries.splice(0) ?? [];
  return {
    accepted(domain) {
      row = [];
      anyAccepted = true;
      waiting.delete(domain);
    },
    refused(delivery, domain, reply) {
      said = reply;
      row.push(domain);
      const mine = waiting.get(domain) ?? { count: 0, deliveries: [] };
      waiting.set(domain, mine);
      mine.count += 1;
      if (delivery.tries + 1 < TRIES) mine.deliveries.push(delivery);
      const domains = new Set(row);
      const rest = mine.count >= SEVERAL;
      const pause = row.length >= SEVERAL && domains.size > 1;
      return { again: pause ? [...domains].flatMap(take) : rest ? take(domain) : [], rest, pause };
    },
    all: () => row.length >= SEVERAL && !anyAccepted,
    words: () => said,
    waiting() {
      const names = [...waiting].filter(([, { count }]) => count >= SEVERAL).map(([name]) => name);
      return names.length === 0
        ? ''
        : `${names.join(', ')} refuses what we send, whoever the reader is: ${said}`;
    },
  };
}
