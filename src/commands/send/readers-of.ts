import type { App } from '../../app.ts';
import type { Suppression } from '../../audience/audience.ts';
import { oneAudience } from '../../audience/one-audience.ts';
import { readList } from '../../audience/read-list.ts';
import { whySuppressed } from '../../audience/suppressed-file.ts';
import type { Target } from '../../audience/target.ts';
import type { Context } from '../../cli.ts';
import type { Email } from '../../email/email.ts';
import { EXIT } from '../../exit.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { openCount } from './open-count.ts';
import { openReaders, type Readers, readReaders } from './read-readers.ts';

/** So many deliveries are read from the ledger at once. */
const PAGE = 5000;

/** Why a reader may not be mailed; null: they may. */
type Suppressed = (key: string) => Suppression['reason'] | null;

/**
 * Whom an issue is for: everybody whom the target names; of an erratum exactly those whose delivery of the corrected issue was
 * accepted, whatever the list says today. Suppressed readers and `known` ones, who have it, are excluded. Gives an exit
 * code when that cannot be told.
 */
export async function readersOf(
  context: Context,
  issue: Issue,
  email: Email,
  target: Target,
  ledger: Ledger,
  known: ReadonlySet<string>,
): Promise<Readers | number> {
  const { app, terminal } = context;
  const suppressed = await suppressedOn(app, ledger, target.list);
  if (issue.errataFor !== null) {
    const fault = await erratumFault(context, issue, issue.errataFor, ledger);
    return fault ?? acceptedReaders(app, ledger, issue.errataFor, email, suppressed, known);
  }
  const list = await app.project.list(target.list);
  const inLedger = (await ledger.subscriptions(target.list, 0, 1)).length > 0;
  if ('findings' in list && !inLedger) {
    terminal.findings(list.findings);
    return EXIT.findings;
  }
  const file = 'findings' in list ? null : readList(list.path, list.chunks());
  const rows = oneAudience(target.list, file, ledger);
  const read = openCount(terminal, 'rows are read');
  const readers = await readReaders(rows, target, suppressed, (key) => known.has(key), email.fields, read);
  if (readers.unknown.size === 0 || readers.mailed.length + readers.excluded.size + readers.outside === 0)
    return readers;
  terminal.complain(
    `No reader on "${target.list}" has a field ${[...readers.unknown].map((name) => `"${name}"`).join(' or ')}, which "${target.words}" asks for.`,
    `Correct it, or add the column to subscribers/${target.list}.csv.`,
  );
  return EXIT.findings;
}

/** As the ledger says, and as the file of suppressed readers does. */
async function suppressedOn(app: App, ledger: Ledger, list: string): Promise<Suppressed> {
  const file = await app.project.suppressed();
  const kept = {
    suppressed: await ledger.suppressions(list),
    // Only who is in the file can have come back since it was written.
    confirmed: file === '' ? new Map<string, number>() : await ledger.confirmed(list),
  };
  return whySuppressed(kept, file, app.config.linkSecrets, list);
}

/** The exit code of an erratum that cannot be sent now; null: it can. */
async function erratumFault(
  { terminal }: Context,
  { path, keys }: Issue,
  corrected: string,
  ledger: Ledger,
): Promise<number | null> {
  const campaigns = await ledger.campaigns(corrected);
  if (campaigns.length === 0) {
    const { line, column } = keys.errataFor ?? { line: 1, column: 1 };
    terminal.complain(
      `${path}:${line}:${column} "errataFor" names "${corrected}", which was never sent from here.`,
      'See what was sent with: npm run status',
    );
    return EXIT.findings;
  }
  if (!campaigns.some(({ state }) => state === 'running' || state === 'paused')) return null;
  terminal.complain(
    `${corrected} is still being delivered: who gets it later would miss the erratum.`,
    `Bring it to its end first, or end it: npm run status -- ${corrected} --cancel`,
  );
  return EXIT.again;
}

async function acceptedReaders(
  app: App,
  ledger: Ledger,
  corrected: string,
  email: Email,
  suppressed: Suppressed,
  known: ReadonlySet<string>,
): Promise<Readers> {
  const sorted = openReaders(email.fields);
  for (const { id, list } of await ledger.campaigns(corrected)) {
    // Who left the list by which they had the issue is not written to again, on whatever list the erratum is.
    const left = await suppressedOn(app, ledger, list);
    let page = await ledger.deliveries(id, ['accepted'], 0, PAGE);
    while (page.length > 0) {
      for (const { key, address, fields } of page) {
        const reason = left(key) ?? suppressed(key) ?? (known.has(key) ? ('already-mailed' as const) : null);
        if (reason) sorted.exclude({ address, reason, line: 0 });
        else sorted.mail({ key, address, fields }, 0);
      }
      page = await ledger.deliveries(id, ['accepted'], page.at(-1)!.id, PAGE);
    }
  }
  return sorted.readers();
}
