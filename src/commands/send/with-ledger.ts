import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { type Ledger, LedgerError } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import type { SendOptions } from '../send.ts';

/** Opens the ledger that a send works with, and closes it; a fault of the ledger is told, and gives its exit code. */
export async function withLedger(
  { app, terminal }: Context,
  options: SendOptions,
  work: (ledger: Ledger) => Promise<number>,
): Promise<number> {
  // A rehearsal has a ledger of its own, new each time: it is never recorded as a real campaign.
  const kept = app.state(options.inbox ? 'rehearsal.sqlite' : 'ledger.sqlite');
  // A plan alone leaves nothing behind, not even an empty ledger.
  const scratch = options.dryRun && !existsSync(kept) ? await mkdtemp(join(tmpdir(), 'broadsheet-')) : null;
  const path = scratch ? join(scratch, 'ledger.sqlite') : kept;
  if (options.inbox && !options.dryRun)
    await Promise.all(['', '-wal', '-shm'].map((end) => rm(path + end, { force: true })));
  let ledger: Ledger | null = null;
  try {
    ledger = await openLedger(path);
    return await work(ledger);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return EXIT.configuration;
  } finally {
    await ledger?.close().catch(() => {});
    if (scratch) await rm(scratch, { recursive: true, force: true });
  }
}
