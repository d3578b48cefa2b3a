import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { type Ledger, LedgerBusy, LedgerError } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { hasLedgerBranch } from '../../ledger-branch/has-ledger-branch.ts';
import { LEDGER_BRANCH } from '../../ledger-branch/open-branch-ledger.ts';
import type { SendOptions } from '../send.ts';

/** Opens the ledger that a send works with, and closes it; a fault of the ledger is told, and gives its exit code. */
export async function withLedger(
  context: Context,
  options: SendOptions,
  work: (ledger: Ledger) => Promise<number>,
): Promise<number> {
  const { terminal } = context;
  const tell = (error: unknown): number => {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return error instanceof LedgerBusy ? EXIT.again : EXIT.configuration;
  };
  let ledger: Ledger | null = null;
  let code: number;
  try {
    ledger = await open(context, options);
    code = await work(ledger);
  } catch (error) {
    code = tell(error);
  }
  try {
    await ledger?.close();
  } catch (error) {
    // Of a branch, the last push has failed: what the last batch came to is not kept. Of a file, all is kept already.
    if (error instanceof LedgerBusy && code !== EXIT.again) code = tell(error);
  }
  return code;
}

async function open({ app }: Context, options: SendOptions): Promise<Ledger> {
  if (options.inbox) {
    if (options.dryRun) return openNoLedger();
    // A rehearsal has a ledger of its own, new each time: it is never recorded as a real campaign.
    const files = ['sqlite', 'sqlite-wal', 'sqlite-shm', 'epoch'].map((end) => app.state(`rehearsal.${end}`));
    await Promise.all(files.map((path) => rm(path, { force: true })));
    return openLedger(files[0]!);
  }
  // A plan alone leaves nothing behind, not even an empty ledger.
  if (options.dryRun && !app.hasLedger()) return openNoLedger();
  const ledger = await app.openLedger({
    create: options.newLedger === true,
    readOnly: options.dryRun === true,
  });
  const live = !options.test && !options.dryRun && !options.newLedger;
  if (!live || app.config.ledger === 'git' || (await ledger.campaigns()).length > 0) return ledger;
  // Another machine has sent, and its ledger is not this one: everybody would get a second mail.
  if (!(await hasLedgerBranch(app.config.root))) return ledger;
  await ledger.close();
  throw new LedgerError(
    `This ledger knows of no mail, but origin has a branch ${LEDGER_BRANCH} that may. Set LEDGER=git and LEDGER_KEY to send with that one; if it is of no use any more, add --new-ledger once.`,
  );
}

/** An empty ledger that is gone when it is closed. */
async function openNoLedger(): Promise<Ledger> {
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const ledger = await openLedger(join(folder, 'ledger.sqlite')).catch(async (error) => {
    await remove();
    throw error;
  });
  return { ...ledger, close: () => ledger.close().finally(remove) };
}
