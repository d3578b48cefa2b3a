import { describe, expect, test } from 'vitest';
import { expectEverybodyOnce, fallAsleep, realCampaign } from './campaign.ts';
import { databases } from './databases.ts';
import { CONNECTIONS } from './through-npm.ts';

const READERS = 60;

describe.each(databases)('on $name', (database) => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends with 130 after what is in flight, twice within half a second counts once: nobody lost, twice or uncertain',
    async (signal) => {
      const campaign = await realCampaign(database, READERS);
      const { sink } = campaign;
      try {
        sink.tell({ hold: 5 });
        for (const [moment, nth] of [
          ['data', 9],
          ['content', 6],
          ['reply', 7],
        ] as const) {
          const run = campaign.send();
          // As a terminal does it: to the whole group, and once more by way of npm.
          void sink
            .strike({ group: run.group, signal, moment, nth, delay: 0 })
            .then(() => run.signal(signal));
          const { code, stderr } = await run.ended;
          expect(code, stderr).toBe(130);
          expect(stderr).toContain('Finishing what is in flight');
          const { counts } = (await campaign.standing())!;
          expect(counts).toMatchObject({ claimed: 0, sending: 0, uncertain: 0 });
          expect(sink.taken(), 'nothing is accepted that the ledger does not know').toHaveLength(
            counts.accepted,
          );
        }
        expect(sink.taken().length).toBeLessThan(READERS);
        const { code, stderr } = await campaign.send().ended;
        expect(code, stderr).toBe(0);
        expect(expectEverybodyOnce(campaign, await campaign.status())).toBe(0);
      } finally {
        await campaign.close();
      }
    },
  );

  test('a second Ctrl-C, later, ends at once: what is in flight is uncertain, and named', async () => {
    const campaign = await realCampaign(database, READERS);
    const { sink } = campaign;
    try {
      // Up to 24 days: of five minutes one in a hundred was over before the second Ctrl-C.
      sink.tell({ hold: 2 ** 31 - 1 });
      const run = campaign.send();
      await sink.strike({ group: run.group, signal: 'SIGINT', moment: 'dot', nth: CONNECTIONS, delay: 0 });
      // Half a second is what a terminal and npm may need for one Ctrl-C.
      await new Promise((resolve) => setTimeout(resolve, 800));
      run.signal('SIGINT');
      expect((await run.ended).code).toBe(130);
      sink.tell({ hold: 0 });
      expect((await campaign.send().ended).code).toBe(3);
      expect(expectEverybodyOnce(campaign, await campaign.status())).toBe(CONNECTIONS);
    } finally {
      await campaign.close();
    }
  });

  test.each(['data', 'dot'] as const)(
    'stopped at "%s" for longer than the lease and back: what it does late is fenced off',
    async (moment) => {
      const campaign = await realCampaign(database, READERS, 1);
      const { sink, kept } = campaign;
      try {
        const first = campaign.send();
        await fallAsleep(campaign, first, moment, 13);
        // A sleeping process of this machine is known to live. On another one only its silence could be heard.
        await kept.run("UPDATE senders SET host = 'another machine', beat_at = 0");
        const second = await campaign.send().ended;
        expect([0, 3], second.stderr).toContain(second.code);
        const before = (await campaign.standing())!;
        const taken = sink.taken().length;
        expect(before.counts).toMatchObject({ queued: 0, claimed: 0, sending: 0 });
        // The reply before it may not have been recorded yet.
        expect(before.uncertain.size).toBeLessThanOrEqual(1);
        if (moment === 'dot') expect(before.uncertain.size).toBe(1);
        first.signal('SIGCONT');
        sink.tell({ goOn: true });
        const { code, stderr } = await first.ended;
        expect([0, 3], stderr).toContain(code);
        expect(await campaign.standing(), 'its late replies change nothing').toEqual(before);
        expectEverybodyOnce(campaign, before);
        expect(sink.taken(), 'and no content comes of what it had claimed').toHaveLength(taken);
      } finally {
        await campaign.close();
      }
    },
  );
});
