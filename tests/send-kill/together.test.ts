import { describe, expect, test } from 'vitest';
import { expectEverybodyOnce, realCampaign } from './campaign.ts';
import { databases } from './databases.ts';
import { CONNECTIONS } from './through-npm.ts';

describe.each(databases)('on $name', (database) => {
  test('ten senders started at once share the work: nobody twice, nobody left', async () => {
    const campaign = await realCampaign(database, 200);
    try {
      campaign.sink.tell({ hold: 10 });
      const all = await Promise.all(Array.from({ length: 10 }, () => campaign.send().ended));
      for (const { code, stderr } of all) expect([0, 75], stderr).toContain(code);
      expect(expectEverybodyOnce(campaign, await campaign.status())).toBe(0);
    } finally {
      await campaign.close();
    }
  });

  test('of three that deliver together one is killed: the others finish its work', async () => {
    const campaign = await realCampaign(database, 200);
    const { sink } = campaign;
    try {
      sink.tell({ hold: 10 });
      const runs = [campaign.send(), campaign.send(), campaign.send()];
      await sink.strike({ group: runs[0]!.group, signal: 'SIGKILL', moment: 'dot', nth: 40, delay: 0 });
      const ends = await Promise.all(runs.map(({ ended }) => ended));
      for (const { code, stderr } of ends.slice(1)) expect([0, 3, 75], stderr).toContain(code);
      const last = await campaign.send().ended;
      expect([0, 3], last.stderr).toContain(last.code);
      expect(expectEverybodyOnce(campaign, await campaign.status())).toBeLessThanOrEqual(CONNECTIONS);
    } finally {
      await campaign.close();
    }
  });

  test('the mail server is killed in the middle and comes back: one run sees it through', async () => {
    const campaign = await realCampaign(database, 100);
    const { sink } = campaign;
    try {
      const run = campaign.send();
      await sink.fall(30);
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(3);
      const uncertain = expectEverybodyOnce(campaign, await campaign.status());
      expect(uncertain, 'at least the one that it took and did not answer').toBeGreaterThan(0);
      expect(uncertain).toBeLessThanOrEqual(CONNECTIONS);
    } finally {
      await campaign.close();
    }
  });
});
