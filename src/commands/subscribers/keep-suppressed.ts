import type { Suppression } from '../../audience/audience.ts';
import type { ConsentHow } from '../../audience/subscription.ts';
import { addSuppressed } from '../../audience/suppressed-file.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { withLedger } from './with-ledger.ts';

/** Records who must not be mailed, in the ledger and, where there is a secret, as keyed names in the file beside the lists. `how`: it is added to the consent record. */
export async function keepSuppressed(
  context: Context,
  given: Iterable<Suppression>,
  how?: ConsentHow,
): Promise<number> {
  const suppressions = [...given];
  const code = await withLedger(context, 'write', async (ledger) => {
    if (how === undefined) await ledger.suppressAll(suppressions);
    else for (const suppression of suppressions) await ledger.suppress(suppression, how);
    return EXIT.ok;
  });
  const [secret] = context.app.config.linkSecrets;
  if (code !== EXIT.ok || secret === undefined) return code;
  await context.app.project.changeSuppressed((text) => addSuppressed(text, suppressions, secret));
  return EXIT.ok;
}
