import type { Delivery } from '../campaign/campaign.ts';
import { domainOf } from '../campaign/domain-of.ts';
import { windowsOf } from '../campaign/windows.ts';
import type { DeliverOptions } from './deliver.ts';
import type { Domains } from './domains.ts';
import type { RelayState, Relays } from './relays.ts';

/** A delivery that may be sent now: its domain has room, and it has a place under all limits. */
export interface Job {
  readonly delivery: Delivery;
  readonly domain: string;
  /** Its number in the ledger; null: nothing limits it. */
  readonly place: number | null;
}

/** Hands out what is due. Rows of a domain that is full or rests wait aside, claimed, and block nobody. */
export interface Supply {
  /**
   * The next delivery for a relay; the instant at which to ask again, when limits are used up; or null: nothing is due
   * that may be sent now. What it hands out is counted as in flight at its domain.
   */
  next(relay: RelayState): Promise<Job | number | null>;
  /** Nothing has happened to it: it is the next, or given back at the end. */
  putBack(job: Job): Promise<void>;
}

/** Rows to claim at once, for each connection: every claim is a commit (4: 17 µs a message; 8: 12). More where a search passes over many. */
const CLAIM = { usual: 8, search: 20 };

/** Rows of one domain that may wait aside, claimed; when so many wait in all, no more of any. */
const ENOUGH = 20;
const CROWDED = 5000;

/** After a claim that found nothing, the ledger is asked again so much later, ms; sooner when a domain is free again. */
const AGAIN = 1000;

export function openSupply(
  { ledger, campaignId, clock }: DeliverOptions,
  connections: number,
  relays: Relays,
  domains: Domains,
): Supply {
  const room: Delivery[] = [];
  let claiming: Promise<number> | null = null;
  let empty: { readonly at: number; readonly except: readonly string[] } | null = null;
  /** Before this row there is nobody in the queue but of these domains: the next search begins behind it. */
  let searched: { readonly except: readonly string[]; readonly last: Delivery } | null = null;

  /** Domains that claims leave out: those that rest, and those that wait for a place with enough rows claimed already. */
  const exceptions = (now: number): string[] => {
    const waiting = Map.groupBy(room, ({ key }) => domainOf(key));
    const { domains: resting } = domains.resting(now);
    const enough = room.length > CROWDED ? 1 : ENOUGH;
    return domains
      .blocked(now)
      .filter((domain) => resting.includes(domain) || (waiting.get(domain)?.length ?? 0) >= enough);
  };

  const search = async (now: number, except: readonly string[]): Promise<number> => {
    const limit = connections * (except.length > 0 ? CLAIM.search : CLAIM.usual);
    const includes = (known: { readonly except: readonly string[] } | null) =>
      known?.except.every((domain) => except.includes(domain)) === true;
    if (includes(empty) && Math.abs(now - empty!.at) < AGAIN) return 0;
    const after = includes(searched) ? searched!.last : null;
    let rows = await ledger.claim(campaignId, now, limit, except, after);
    // What was given back meanwhile stands before it.
    if (rows.length === 0 && after) rows = await ledger.claim(campaignId, now, limit, except);
    empty = rows.length === 0 ? { at: now, except } : null;
    if (except.length > 0) searched = rows.length === 0 ? null : { except, last: rows.at(-1)! };
    room.push(...rows);
    return rows.length;
  };

  /** One claim for all lanes that wait; gives how many rows it brought. */
  const claim = (): Promise<number> => {
    const now = clock.now();
    claiming ??= search(now, exceptions(now)).finally(() => {
      claiming = null;
    });
    return claiming;
  };

  /** Takes the first row whose domain has room, and does not refuse this relay while another may write there. */
  const take = (relay: RelayState): { delivery: Delivery; domain: string } | null => {
    const now = clock.now();
    for (const [index, delivery] of room.entries()) {
      const domain = domainOf(delivery.key);
      if (domains.readyAt(domain, now) > now || relays.isForOthers(relay, domain)) continue;
      room.splice(index, 1);
      domains.begin(domain);
      return { delivery, domain };
    }
    return null;
  };

  /** So much waits for other relays that no more is fetched to look for something for this one. */
  const isLeftToOthers = (relay: RelayState) =>
    relay.unwelcome.size > 0 &&
    room.filter(({ key }) => relays.isForOthers(relay, domainOf(key))).length > connections * CLAIM.search;

  /** When the first row aside may go that waits for its domain's limits; null: there is none. */
  const later = (now: number): number | null => {
    const { domains: resting } = domains.resting(now);
    const waiting = new Set(room.map(({ key }) => domainOf(key)));
    const at = Math.min(
      ...[...waiting]
        .filter((domain) => !resting.includes(domain))
        .map((domain) => domains.readyAt(domain, now)),
    );
    return Number.isFinite(at) ? at : null;
  };

  const giveBack = (delivery: Delivery, domain: string) => {
    domains.end(domain, clock.now());
    room.unshift(delivery);
  };

  return {
    async next(relay) {
      for (;;) {
        let taken = take(relay);
        // What a claim brings may be of domains that wait; each has soon enough, and is left out of the next.
        while (!taken && !isLeftToOthers(relay) && (await claim()) > 0) taken = take(relay);
        // Another lane's claim may have brought it.
        taken ??= take(relay);
        if (!taken) return later(clock.now());
        const { delivery, domain } = taken;
        const { name, limits } = relay;
        const domainLimits = domains.limitsOf(domain);
        const limited =
          limits.warmUp !== null ||
          [limits, domainLimits ?? limits].some((rate) => windowsOf(rate).length > 0);
        if (!limited) return { delivery, domain, place: null };
        const now = clock.now();
        const ask = { relay: name, limits, domain, domainLimits };
        const answer = await ledger.takePlace(ask, now);
        if ('place' in answer) return { delivery, domain, place: answer.place };
        giveBack(delivery, domain);
        if (answer.full === 'relay') {
          relay.full.start(now, answer.wait);
          return now + answer.wait;
        }
        // Other domains may go meanwhile.
        domains.full(domain, now, answer.wait);
      }
    },
    async putBack({ delivery, domain, place }) {
      giveBack(delivery, domain);
      if (place !== null) await ledger.givePlaceBack(place);
    },
  };
}
