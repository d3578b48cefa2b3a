import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectEverybodyOnce, type RealCampaign, realCampaign } from './campaign.ts';
import { databases } from './databases.ts';
import type { Point } from './die-at.ts';
import type { Moment } from './sink.ts';

const DIE_AT = fileURLToPath(new URL('die-at.ts', import.meta.url));
/** The message of a run at which it comes to it: two were taken before. */
const NTH = 3;
const READERS = 60;

/**
 * Where a sender dies that has one connection. Then the server has `taken` so many messages in this run, the ledger has
 * so many as `accepted`, and one row at most is left `sending`: `sure` where the point is between the two commits.
 * Commits are shared: who dies at the gate of one message may take the reply to the one before it along.
 */
const points: readonly {
  readonly point: Point | Moment;
  readonly taken?: number;
  readonly accepted?: number;
  readonly sure?: true;
}[] = [
  { point: 'claim before' },
  { point: 'claim uncommitted' },
  { point: 'claim after' },
  { point: 'data', taken: 2 },
  { point: 'sending before', taken: 2 },
  { point: 'sending uncommitted', taken: 2 },
  { point: 'sending after', taken: 2, accepted: 2, sure: true },
  { point: 'half of the content', taken: 2, accepted: 2, sure: true },
  { point: 'dot', taken: 3, accepted: 2, sure: true },
  { point: 'settle before', taken: 3, accepted: 2, sure: true },
  { point: 'settle uncommitted', taken: 3, accepted: 2, sure: true },
  { point: 'settle after', taken: 3, accepted: 3 },
];
const MOMENTS: readonly string[] = ['data', 'dot'] satisfies Moment[];

describe.each(databases)('on $name, of one campaign: killed with -9', (database) => {
  let campaign: RealCampaign;
  beforeAll(async () => {
    campaign = await realCampaign(database, READERS, 1);
    campaign.sink.tell({ pipelining: false });
  });
  afterAll(() => campaign.close());
  /** After the runs before: messages that were taken, rows accepted, and rows of which nobody can know. */
  let before = { taken: 0, accepted: 0, open: 0 };

  test.each(points)('at "$point"', async ({ point, taken, accepted, sure }) => {
    const { sink } = campaign;
    const byWire = MOMENTS.includes(point);
    const nth = point.startsWith('claim') ? 2 : NTH;
    const run = campaign.send(
      byWire ? {} : { NODE_WORDS: `--import=${DIE_AT}`, DIE_AT: point, DIE_NTH: String(nth) },
    );
    if (byWire)
      void sink.strike({ group: run.group, signal: 'SIGKILL', moment: point as Moment, nth, delay: 0 });
    const { code, stderr } = await run.ended;
    expect(code, `killed and not ended: ${stderr}`).toBeNull();
    const { counts } = (await campaign.standing())!;
    const now = {
      taken: sink.taken().length,
      accepted: counts.accepted,
      open: counts.sending + counts.uncertain,
    };
    const [gone, recorded, left] = [
      now.taken - before.taken,
      now.accepted - before.accepted,
      now.open - before.open,
    ];
    before = now;
    expect(gone, 'taken').toBe(taken ?? gone);
    expect(recorded, 'accepted').toBe(accepted ?? recorded);
    expect(left, 'left `sending`').toBeLessThanOrEqual(1);
    expect(left).toBeGreaterThanOrEqual(sure ? 1 : 0);
    expect(now.taken, 'whoever has it is accepted or uncertain').toBeLessThanOrEqual(now.accepted + now.open);
  });

  test('and then the next run sees it through: nobody lost, nobody twice, and those are uncertain of whom nobody can know', async () => {
    const { code, stderr } = await campaign.send().ended;
    expect(code, stderr).toBe(3);
    expect(expectEverybodyOnce(campaign, await campaign.status())).toBe(before.open);
  });
});
