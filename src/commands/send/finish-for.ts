import type { Campaign } from '../../campaign/campaign.ts';
import type { Config } from '../../config.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { finishOf } from './finish-of.ts';

/**
 * When a campaign under way will be over under the limits, ms since 1970, by how many are left. How they divide among
 * domains is counted once, for that reads the whole campaign, and not at all where domains have no limits.
 */
export function finishFor(
  config: Config,
  ledger: Ledger,
  { id }: Campaign,
  { inbox = false }: { readonly inbox?: boolean },
): (left: number) => Promise<number> {
  let first: { readonly byDomain: ReadonlyMap<string, number>; readonly left: number } | null = null;
  const limited = Object.keys(config.newsletter.limits.domains).length > 0;
  return async (left) => {
    first ??= { byDomain: limited ? await ledger.openByDomain(id) : new Map([['', left]]), left };
    const share = left / first.left;
    const byDomain = new Map(
      [...first.byDomain].map(([domain, count]) => [domain, Math.ceil(count * share)]),
    );
    return finishOf(config, ledger, inbox, byDomain, Date.now());
  };
}
