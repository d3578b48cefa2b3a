import { erasedKey } from '../../audience/suppressed-file.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/**
 * Who deleted their data while the plan waited to be confirmed was recorded with it: deletes it again, and suppresses
 * the delivery, before anything is sent. `before`: the suppressions that the plan knew.
 */
export async function eraseAgain(
  ledger: Ledger,
  list: string,
  before: ReadonlyMap<string, unknown>,
  secrets: readonly string[],
  planned: Iterable<{ readonly key: string }>,
): Promise<void> {
  const now = await ledger.suppressions(list);
  const since = new Set([...now.keys()].filter((name) => name.startsWith('#') && !before.has(name)));
  if (since.size === 0) return;
  for (const { key } of planned)
    for (const name of secrets.map((secret) => erasedKey(secret, key)))
      if (since.has(name)) await ledger.erase(key, name, Date.now());
}
