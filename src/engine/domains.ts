import type { DomainLimits, Limits } from '../newsletter.ts';
import { openRest, type Rest } from './rest.ts';
import { openWait, type Wait } from './wait.ts';

/** The domains that readers have their addresses at: which of them may be written to now. Times in ms. */
export interface Domains {
  limitsOf(domain: string): DomainLimits | null;
  /** The first instant from `now` on at which one more message may go there; Infinity: when one in flight has ended. */
  readyAt(domain: string, now: number): number;
  begin(domain: string): void;
  end(domain: string, now: number): void;
  /** Its limits are used up for so long. */
  full(domain: string, now: number, ms: number): void;
  /** A message that began at `begun` was taken there at `now`, or refused for its reader's sake. */
  worked(domain: string, begun: number, now: number): void;
  /** An attempt that began at `begun` was put off or refused at `now` for what we send there, and not for its reader. */
  failed(domain: string, begun: number, now: number): void;
  /** Those that no message may go to now: claims leave them out, so that they block nobody. */
  blocked(now: number): string[];
  /** Those that are left alone, and when the first of them may be tried again. */
  resting(now: number): { readonly domains: readonly string[]; readonly until: number };
}

/** Large mailbox providers count by the minute and the hour: knocking sooner makes it worse. */
const PAUSE = { first: 60_000, longest: 3_600_000 };

interface DomainState {
  inFlight: number;
  readonly full: Wait;
  rest: Rest | null;
}

export function openDomains(limits: Limits['domains']): Domains {
  // Only those with something to remember: a list may have a million domains.
  const states = new Map<string, DomainState>();
  const limitsOf = (domain: string) => (Object.hasOwn(limits, domain) ? limits[domain] : limits['*']) ?? null;
  const change = (domain: string, how: (state: DomainState) => void) => {
    const state = states.get(domain) ?? { inFlight: 0, full: openWait(), rest: null };
    how(state);
    states.set(domain, state);
  };
  const readyAt = (domain: string, now: number): number => {
    const state = states.get(domain);
    if (!state) return now;
    const { inFlight, full, rest } = state;
    const most = rest !== null ? 1 : (limitsOf(domain)?.connections ?? Infinity);
    return Math.max(full.until(now), rest?.until(now) ?? now, inFlight >= most ? Infinity : now);
  };
  const isResting = ({ rest }: DomainState, now: number) => (rest?.until(now) ?? now) > now;
  return {
    limitsOf,
    readyAt,
    begin: (domain) => change(domain, (state) => void (state.inFlight += 1)),
    end(domain, now) {
      change(domain, (state) => void (state.inFlight -= 1));
      const { inFlight, full, rest } = states.get(domain)!;
      if (inFlight === 0 && rest === null && full.until(now) === now) states.delete(domain);
    },
    full: (domain, now, ms) => change(domain, (state) => state.full.start(now, ms)),
    worked(domain, begun, now) {
      const state = states.get(domain);
      state?.rest?.worked(begun, now);
      if (state?.rest?.failures() === 0) state.rest = null;
    },
    failed: (domain, begun, now) =>
      change(domain, (state) => {
        state.rest ??= openRest(PAUSE.first, PAUSE.longest);
        state.rest.failed(begun, now);
      }),
    blocked: (now) => [...states.keys()].filter((domain) => readyAt(domain, now) > now),
    resting(now) {
      const all = [...states].filter(([, state]) => isResting(state, now));
      return {
        domains: all.map(([domain]) => domain),
        until: Math.min(...all.map(([, { rest }]) => rest!.until(now))),
      };
    },
  };
}
