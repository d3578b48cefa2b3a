import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { expectEverybodyOnce, realCampaign } from './campaign.ts';
import { databases } from './databases.ts';
import type { Point } from './die-at.ts';
import type { Moment } from './sink.ts';

const DIE_AT = fileURLToPath(new URL('die-at.ts', import.meta.url));
const READERS = 8;
/** The message at which it comes to it. */
const NTH = 3;

/** With one connection all is known: where it dies, in which state the row is left, and who has the mail. */
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

describe.each(databases)('killed with -9, on $name', (database) => {
  test.each(points)('at "%s": the row is left %s', async (point, left, got) => {
    const campaign = await realCampaign(database, READERS, 1);
    const { sink } = campaign;
    // A claim is for four messages.
    const nth = point.startsWith('claim') ? 2 : NTH;
    const before = point.startsWith('claim') ? 4 : NTH - 1;
    try {
      const run = campaign.send(
        point.includes(' ') ? { NODE_WORDS: `--import=${DIE_AT}`, DIE_AT: point, DIE_NTH: String(nth) } : {},
      );
      if (!point.includes(' '))
        void sink.strike({ group: run.group, signal: 'SIGKILL', moment: point as Moment, nth, delay: 0 });
      const { code, stderr } = await run.ended;
      expect(code, `killed and not ended: ${stderr}`).toBeNull();
      const { counts } = (await campaign.standing())!;
      expect(sink.taken(), 'whom the server has taken').toHaveLength(before + (got ? 1 : 0));
      expect(counts).toMatchObject({
        accepted: before + (left === 'accepted' ? 1 : 0),
        sending: left === 'sending' ? 1 : 0,
        uncertain: 0,
      });
      if (left === 'claimed') expect(counts.claimed).toBeGreaterThan(0);

      const last = await campaign.send().ended;
      const uncertain = left === 'sending' ? 1 : 0;
      expect(last.code, last.stderr).toBe(uncertain === 1 ? 3 : 0);
      expect(expectEverybodyOnce(campaign, (await campaign.standing())!)).toBe(uncertain);
      expect(sink.taken()).toHaveLength(READERS - (uncertain === 1 && !got ? 1 : 0));
    } finally {
      await campaign.close();
    }
  });
});
