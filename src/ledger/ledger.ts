import type { Campaigns } from './campaigns.ts';
import type { Confirmations } from './confirmations.ts';
import type { Consents } from './consents.ts';
import type { Deliveries } from './deliveries.ts';
import type { History } from './history.ts';
import type { Places } from './places.ts';
import type { Readers } from './readers.ts';
import type { Receipts } from './receipts.ts';
import type { Reports } from './reports.ts';
import type { Senders } from './senders.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Suppressions } from './suppressions.ts';

/** A fault of the ledger itself, told to a person; sending stops at once. */
export class LedgerError extends Error {}

/** It cannot be used now: somebody else has it, or it cannot be reached. That may pass: run again later. */
export class LedgerBusy extends LedgerError {}

/** Another process has recorded some of these readers for this issue in the meantime (invariant 1): plan again. */
export class AlreadyPlanned extends LedgerBusy {}

/**
 * The database of campaigns, deliveries, subscriptions and suppressions. Instants in ms since 1970. Every method may throw
 * LedgerError: then nothing of that call was recorded.
 */
export interface Ledger
  extends Campaigns,
    Deliveries,
    History,
    Places,
    Senders,
    Suppressions,
    Receipts,
    Reports,
    Readers,
    Subscriptions,
    Confirmations,
    Consents {
  close(): Promise<void>;
}
