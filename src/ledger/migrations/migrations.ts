import { start } from './1-start.ts';
import { receipts } from './2-receipts.ts';
import { planning } from './3-planning.ts';
import { subscriptions } from './4-subscriptions.ts';
import { reports } from './5-reports.ts';
import { begins } from './6-begins.ts';

/**
 * What each version adds, the oldest first; the place in this list is the version. Never changed once released: a
 * ledger of any age is migrated forward. Written as SQLite has it; `open-postgres.ts` turns it into PostgreSQL's words.
 */
export const MIGRATIONS: readonly string[] = [start, receipts, planning, subscriptions, reports, begins];
