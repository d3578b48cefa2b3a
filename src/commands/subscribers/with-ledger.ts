import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { type Ledger, LedgerBusy, LedgerError } from '../../ledger/ledger.ts';

/** Works with the ledger, to read (null: there is none yet) or to write, and closes it; its faults are told. */
export async function withLedger<Mode extends 'read' | 'write'>(
  { app, terminal }: Context,
  mode: Mode,
  work: (ledger: Mode extends 'write' ? Ledger : Ledger | null) => Promise<number>,
): Promise<number> {
  let ledger: Ledger | null = null;
  try {
    if (mode === 'write' || app.hasLedger())
      // A branch that should hold a ledger and does not is a fault, and none is made in its place.
      ledger = await app.openLedger({ create: app.config.ledger !== 'git', readOnly: mode === 'read' });
    const code = await work(ledger as Ledger);
    // A ledger on a branch is pushed when it is closed: only then it was written.
    const opened = ledger;
    ledger = null;
    await opened?.close();
    return code;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    terminal.complain(error.message);
    return error instanceof LedgerBusy ? EXIT.again : EXIT.configuration;
  } finally {
    await ledger?.close().catch(() => {});
  }
}
