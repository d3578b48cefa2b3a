import { finishTime } from '../../campaign/finish-time.ts';
import { DAY, windowsOf } from '../../campaign/windows.ts';
import type { Config } from '../../config.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { RelayOptions } from '../../transport/relays-of.ts';

/** The relays that a send goes through; without any, one that has the common limits. */
export function relaysFor({ relays, newsletter }: Config, inbox: boolean): readonly RelayOptions[] {
  const stand = { name: 'inbox', url: '', weight: null, limits: newsletter.limits };
  return inbox || relays.length === 0 ? [stand] : relays;
}

/**
 * When a send will about be over, ms since 1970, under all limits and with what was used of them already. `byDomain`: how
 * many messages go to each domain.
 */
export async function finishOf(
  config: Config,
  ledger: Ledger,
  inbox: boolean,
  byDomain: ReadonlyMap<string, number>,
  now: number,
): Promise<number> {
  const { domains } = config.newsletter.limits;
  const relays = relaysFor(config, inbox).map(async ({ name, limits }) => {
    const limited = limits.warmUp !== null || windowsOf(limits).length > 0;
    return {
      limits,
      begun: limited ? await ledger.begunThere('relay', name, now - DAY) : [],
      since: limits.warmUp === null ? null : await ledger.firstBegun(name),
    };
  });
  const limited = [...byDomain].flatMap(([domain, count]) => {
    const limits = Object.hasOwn(domains, domain) ? domains[domain] : domains['*'];
    return limits && windowsOf(limits).length > 0 ? [{ domain, count, limits }] : [];
  });
  // Where each of ten thousand small domains has a limit, the largest of them decide.
  const largest = limited.sort((one, other) => other.count - one.count).slice(0, 50);
  const there = largest.map(async ({ domain, count, limits }) => ({
    count,
    limits,
    begun: await ledger.begunThere('domain', domain, now - DAY),
  }));
  const total = [...byDomain.values()].reduce((sum, count) => sum + count, 0);
  return finishTime(now, total, await Promise.all(relays), await Promise.all(there));
}

/** `about 40 s`, `about 3 min`, `about 5 h, until 2030-01-07 14:20 UTC`. */
export function inWords(now: number, finish: number): string {
  const seconds = Math.ceil((finish - now) / 1000);
  const until = `until ${new Date(finish).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (seconds < 90) return `about ${seconds} s`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min, ${until}`;
  if (seconds < 2 * 86_400) return `about ${Math.round(seconds / 3600)} h, ${until}`;
  return `about ${Math.round(seconds / 86_400)} days, ${until}`;
}
