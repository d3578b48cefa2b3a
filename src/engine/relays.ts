import type { Relay } from './ports.ts';
import { openRefusals, type Refusals } from './refusals.ts';
import { openRest } from './rest.ts';
import { openWait, type Wait } from './wait.ts';

/** A relay, and how it has been lately. Times in ms. */
export interface RelayState extends Relay {
  inFlight: number;
  /** Its limits are used up. */
  readonly full: Wait;
  /** How policy has answered it. */
  readonly refusals: Refusals;
  /** Domains that refuse whatever comes from it: others write to them. */
  readonly unwelcome: Set<string>;
  /** It is not used any more in this run. */
  out(): boolean;
  /** It failed a moment ago: nothing may begin there. */
  rests(now: number): boolean;
  /** The first instant from `now` on at which it may take a message, as far as it alone is concerned. */
  readyAt(now: number): number;
  /** A message that began at `begun` came through, or was refused for its own sake. */
  worked(begun: number, now: number): void;
  /** An attempt that began at `begun` failed at `now` for the relay's sake. */
  failed(begun: number, now: number, reason: string): void;
  /** A domain put a message off for what we send. True: so did several in a row, so it is about this relay. */
  limitedAt(domain: string): boolean;
  /** It is not to be asked again in this run: `configuration` when it refuses our login. */
  giveUp(reason: string, configuration: boolean): void;
  /** So many failures in a row that sending is not worth while with it alone. */
  lost(): boolean;
}

export interface Relays {
  readonly all: readonly RelayState[];
  /** Is it this relay's turn, by the weights? Others that are down or full do not count. */
  mayTake(relay: RelayState, now: number): boolean;
  took(relay: RelayState): void;
  /** It took nothing after all. */
  tookNothing(relay: RelayState): void;
  /** Another relay that works may write to this domain in its place. */
  hasOther(relay: RelayState, domain: string): boolean;
  /** The domain refuses whatever comes from it, and another relay may write there. */
  isForOthers(relay: RelayState, domain: string): boolean;
  /** Not one is worth while: the last reason, and whether it is our configuration everywhere. */
  lost(): { readonly reason: string; readonly configuration: boolean } | null;
}

/**
 * So many failures in a row, and sending pauses instead of knocking for ever, unless another relay works: half a minute
 * for a relay that has worked, which may be restarting, and 3 s for one that never has, whose name is more likely wrong.
 */
const PATIENCE = { worked: 6, never: 3 };

/** So many domains that put us off in a row have the same trouble with one relay. */
const DOMAINS = 3;

/** `told` hears when a relay is lost, and when it works again. */
export function openRelays(
  relays: readonly Relay[],
  told: (name: string, trouble: string | null) => void,
): Relays {
  let reason = '';
  const refused = new Set<RelayState>();
  // Start-time fair queueing (Goyal et al., 1996): who has the earliest start takes the next message, and who comes back
  // begins where the others are, without catching up.
  let served = 0;
  const turns = new Map<RelayState, number>();
  const start = (relay: RelayState) => Math.max(served, turns.get(relay) ?? 0);

  const all = relays.map((relay): RelayState => {
    const rest = openRest(1000, 60_000);
    const limited = new Set<string>();
    let patience = PATIENCE.never;
    let out = false;
    return {
      ...relay,
      inFlight: 0,
      full: openWait(),
      refusals: openRefusals(),
      unwelcome: new Set(),
      out: () => out,
      rests: (now) => rest.until(now) > now,
      readyAt(now) {
        // One at a time finds out whether it works again.
        const probed = rest.failures() > 0 && this.inFlight > 0;
        return out || probed ? Infinity : Math.max(rest.until(now), this.full.until(now));
      },
      worked(begun, now) {
        const wasLost = rest.failures() >= patience;
        patience = PATIENCE.worked;
        rest.worked(begun, now);
        limited.clear();
        if (wasLost && rest.failures() === 0) told(relay.name, null);
      },
      failed(begun, now, why) {
        reason = why;
        const before = rest.failures();
        rest.failed(begun, now);
        if (before < patience && rest.failures() >= patience) told(relay.name, why);
      },
      limitedAt: (domain) => limited.add(domain).size >= DOMAINS,
      giveUp(why, configuration) {
        reason = why;
        if (configuration) refused.add(this);
        if (!out) told(relay.name, why);
        out = true;
      },
      lost: () => out || rest.failures() >= patience,
    };
  });
  const hasOther = (relay: RelayState, domain: string) =>
    all.some((other) => other !== relay && !other.lost() && !other.unwelcome.has(domain));
  const weighted = all.some(({ weight }) => weight !== null);
  return {
    all,
    mayTake: (relay, now) =>
      !weighted ||
      all.every((other) => other === relay || other.readyAt(now) > now || start(other) >= start(relay)),
    took(relay) {
      served = start(relay);
      turns.set(relay, served + 1 / (relay.weight ?? 1));
    },
    tookNothing: (relay) => void turns.set(relay, start(relay) - 1 / (relay.weight ?? 1)),
    hasOther,
    isForOthers: (relay, domain) => relay.unwelcome.has(domain) && hasOther(relay, domain),
    lost: () =>
      all.every((relay) => relay.lost()) ? { reason, configuration: refused.size === all.length } : null,
  };
}
