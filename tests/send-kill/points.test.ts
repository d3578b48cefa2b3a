import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectEverybodyOnce, type RealCampaign, realCampaign } from './campaign.ts';
import { databases } from './databases.ts';
import type { Point } from './die-at.ts';
import type { Moment } from './sink.ts';

const DIE_AT = fileURLToPath(new URL('die-at.ts', import.meta.url));
/** With one connection all is known, and a claim is for four messages. */
const CLAIM = 4;
/** The message of a run at which it comes to it. */
const NTH = 3;
const READERS = 50;

/** Where a sender dies, in which state that leaves the row that it is about, and whether the server has the message. */
const points: readonly (readonly [
  Point | Moment,
  left: 'queued' | 'claimed' | 'sending' | 'accepted',
  got: boolean,
])[] = [
  ['claim before', 'queued', false],
  ['claim uncommitted', 'queued', false],
  ['claim after', 'claimed', false],
  ['data', 'claimed', false],
  ['sending before', 'claimed', false],
  ['sending uncommitted', 'claimed', false],
  ['sending after', 'sending', false],
  ['half of the content', 'sending', false],
  ['dot', 'sending', true],
  ['settle before', 'sending', true],
  ['settle uncommitted', 'sending', true],
  ['settle after', 'accepted', true],
];
const MOMENTS: readonly string[] = ['data', 'dot'] satisfies Moment[];

describe.each(databases)('on $name, of one campaign: killed with -9', (database) => {
  let campaign: RealCampaign;
  beforeAll(async () => {
    campaign = await realCampaign(database, READERS, 1);
  });
  afterAll(() => campaign.close());
  /** Accepted, by the ledger, and taken, by the server, in the runs before; and who was left `sending` by them. */
  const before = { accepted: 0, taken: 0, sending: 0 };

  test.each(points)('at "%s", the row is left %s', async (point, left, got) => {
    const { sink } = campaign;
    const ofClaim = point.startsWith('claim');
    const nth = ofClaim ? 2 : NTH;
    const run = campaign.send(
      MOMENTS.includes(point)
        ? {}
        : { NODE_WORDS: `--import=${DIE_AT}`, DIE_AT: point, DIE_NTH: String(nth) },
    );
    if (MOMENTS.includes(point))
      void sink.strike({ group: run.group, signal: 'SIGKILL', moment: point as Moment, nth, delay: 0 });
    const { code, stderr } = await run.ended;
    expect(code, `killed and not ended: ${stderr}`).toBeNull();
    const { counts } = (await campaign.standing())!;
    const done = ofClaim ? CLAIM : NTH - 1;
    before.taken += done + (got ? 1 : 0);
    before.accepted += done + (left === 'accepted' ? 1 : 0);
    expect(sink.taken(), 'whom the server has taken').toHaveLength(before.taken);
    expect(counts).toMatchObject({
      accepted: before.accepted,
      sending: left === 'sending' ? 1 : 0,
      // Those that earlier runs had left `sending`, and nobody else.
      uncertain: before.sending,
    });
    if (left === 'claimed') expect(counts.claimed).toBeGreaterThan(0);
    if (left === 'sending') before.sending += 1;
  });

  test('and then the next run sees it through: nobody lost, nobody twice, and those are uncertain of whom nobody can know', async () => {
    const { code, stderr } = await campaign.send().ended;
    expect(code, stderr).toBe(3);
    const wanted = points.filter(([, left]) => left === 'sending').length;
    expect(expectEverybodyOnce(campaign, await campaign.status())).toBe(wanted);
  });
});
