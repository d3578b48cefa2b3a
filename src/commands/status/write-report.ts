import { writeFile } from 'node:fs/promises';
import type { Campaign } from '../../campaign/campaign.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { renderReport } from '../../report/render-report.ts';
import type { Report } from '../../report/report.ts';
import { openTally } from '../../report/tally.ts';
import { eachDelivery } from './each-delivery.ts';

/** Writes the page of plots of these campaigns to a file. */
export async function writeReport(
  ledger: Ledger,
  campaigns: readonly Campaign[],
  path: string,
): Promise<void> {
  const reports: Report[] = [];
  for (const campaign of campaigns) {
    const tally = openTally();
    for await (const page of eachDelivery(ledger, campaign.id))
      for (const delivery of page) tally.add(delivery);
    const [counts, replies] = [await ledger.counts(campaign.id), await ledger.replies(campaign.id)];
    reports.push(tally.read(campaign, counts, replies));
  }
  await writeFile(path, renderReport(reports, Date.now()));
}
