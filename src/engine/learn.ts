import type { Delivery } from '../campaign/campaign.ts';
import { judgeReply } from '../judge-reply.ts';
import type { Outcome } from '../mail.ts';
import type { Domains } from './domains.ts';
import type { RelayState, Relays } from './relays.ts';
import type { Job } from './supply.ts';

/** What is remembered of relays and domains while a campaign is delivered. */
export interface Memory {
  readonly relays: Relays;
  readonly domains: Domains;
}

/** Why the campaign must pause. */
export interface Halt {
  readonly end: 'paused' | 'configuration';
  readonly reason: string;
}

/** What follows from an outcome besides what becomes of its own delivery. */
export interface Lesson {
  readonly halt: Halt | null;
  /** Rejected before it was clear that they were not meant: to be queued again. */
  readonly again: readonly Delivery[];
}

const NOTHING: Lesson = { halt: null, again: [] };

/** What an outcome of an attempt that began at `begun` says about the relay and the domain. */
export function learn(
  { relays, domains }: Memory,
  relay: RelayState,
  { delivery, domain }: Job,
  outcome: Outcome,
  begun: number,
  now: number,
): Lesson {
  // Uncertain too: a relay that drops every connection after the final dot must not burn the whole list.
  if (outcome.kind === 'uncertain' || (outcome.kind === 'deferred' && outcome.cause !== 'recipient')) {
    if (outcome.kind === 'deferred' && outcome.cause === 'configuration') relay.giveUp(outcome.reason, true);
    else relay.failed(begun, now, outcome.reason);
    // Each try would make one more uncertain; with other relays there is no need for any.
    if (outcome.kind === 'uncertain' && relay.lost()) relay.giveUp(outcome.reason, false);
    return { halt: haltOf(relays), again: [] };
  }
  const { reply } = outcome;
  // Our own code refused the message, and no server was asked.
  if (!reply?.code) return NOTHING;
  const kind = outcome.kind === 'accepted' ? 'other' : judgeReply(reply);
  if (kind !== 'policy' && kind !== 'rate-limited') {
    relay.worked(begun, now);
    domains.worked(domain, begun, now);
    if (outcome.kind === 'accepted') relay.refusals.accepted(domain);
    return NOTHING;
  }
  if (outcome.kind === 'deferred') {
    domains.failed(domain, begun, now);
    if (!relay.limitedAt(domain)) return NOTHING;
    relay.failed(begun, now, outcome.reason);
    return { halt: haltOf(relays), again: [] };
  }
  const { again, rest, pause } = relay.refusals.refused(delivery, domain, `${reply.code} ${reply.text}`);
  if (!relays.hasOther(relay, domain)) {
    if (rest) domains.failed(domain, begun, now);
    return { halt: pause ? refusalHalt(relay) : null, again };
  }
  // Another relay is not on that blocklist, perhaps.
  if (rest) relay.unwelcome.add(domain);
  if (pause) relay.giveUp(relay.refusals.words(), false);
  return { halt: null, again };
}

/** Whatever this relay sends is refused. */
export function refusalHalt({ refusals }: RelayState): Halt {
  return {
    end: 'paused',
    reason: `What we send is refused, whoever the reader is: ${refusals.words()}. Nobody is lost for it: who was refused is tried again after the campaign is resumed.`,
  };
}

function haltOf(relays: Relays): Halt | null {
  const lost = relays.lost();
  if (!lost) return null;
  return lost.configuration
    ? { end: 'configuration', reason: lost.reason }
    : { end: 'paused', reason: `The mail server fails: ${lost.reason}` };
}
