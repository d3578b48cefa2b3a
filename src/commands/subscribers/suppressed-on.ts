import type { App } from '../../app.ts';
import type { Suppression } from '../../audience/audience.ts';
import { NOBODY_KEPT, whySuppressed } from '../../audience/suppressed-file.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** Why a reader is not mailed on a list, by the ledger (null: there is none) and by the file of keyed names. */
export async function suppressedOn(
  app: App,
  ledger: Ledger | null,
  list: string,
): Promise<(key: string) => Suppression['reason'] | null> {
  const kept = ledger
    ? { suppressed: await ledger.suppressions(list), confirmed: await ledger.confirmed(list) }
    : NOBODY_KEPT;
  return whySuppressed(kept, await app.project.suppressed(), app.config.linkSecrets, list);
}
