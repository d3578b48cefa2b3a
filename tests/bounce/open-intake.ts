import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Suppression } from '../../src/audience/audience.ts';
import type { IntakePorts } from '../../src/bounce/take-in.ts';
import type { Campaign } from '../../src/campaign/campaign.ts';
import type { Transition } from '../../src/campaign/settle.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { CAMPAIGN } from './written.ts';

const ACCEPTED: Transition = {
  to: 'accepted',
  tries: 1,
  dueAt: 0,
  code: 250,
  enhanced: '2.0.0',
  reply: '250 2.0.0 Ok',
};

/** Records the campaign of these tests, and that all of these readers had it, in a ledger that knows none of it yet. */
export async function recordCampaign(ledger: Ledger, keys: readonly string[]): Promise<void> {
  const campaign = {
    id: CAMPAIGN,
    slug: 'hello',
    list: 'weekly',
    digest: '',
    sender: {},
    state: 'running',
    reason: '',
    createdAt: 0,
  } as unknown as Campaign;
  await ledger.record(
    campaign,
    '{}',
    keys.map((address) => ({ address, key: address, fields: {} })),
  );
  for (const row of await ledger.claim(CAMPAIGN, 1, keys.length)) {
    await ledger.markSending(row, 1, 1);
    await ledger.settle(row, ACCEPTED, 1);
  }
  await ledger.setState(CAMPAIGN, 'finished', '');
}

/**
 * What intake needs, over a real ledger that is gone with the test: readers whom we wrote to. `told` is who is suppressed,
 * `searched` how often all deliveries were looked through.
 */
export async function openIntake(keys: readonly string[], now: () => number) {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-intake-'));
  const ledger = await openLedger(join(folder, 'ledger.sqlite'));
  onTestFinished(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await recordCampaign(ledger, keys);
  const told: Suppression[] = [];
  const searched = { times: 0 };
  const ports: IntakePorts = {
    deliveriesTo: ledger.deliveriesTo,
    delivery: ledger.delivery,
    async *everyDelivery() {
      searched.times += 1;
      for (const key of keys) yield* await ledger.deliveriesTo(key);
    },
    async suppress(suppressions) {
      await ledger.suppressAll(suppressions);
      told.push(...suppressions);
    },
    handledReports: ledger.handledReports,
    handleReports: ledger.handleReports,
    softBounces: ledger.softBounces,
    now,
  };
  return { ledger, ports, told, searched };
}
