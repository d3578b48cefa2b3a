import { afterAll, describe, expect, test } from 'vitest';
import { expectEverybodyOnce, lostAndTwice, realCampaign } from './campaign.ts';
import { databases } from './databases.ts';
import type { Moment } from './sink.ts';

/** On each database. `npm run test:kill` makes it 1,000. */
const KILLS = Number(process.env.BROADSHEET_KILLS ?? 40);
const KILLS_A_CAMPAIGN = 10;
const READERS = 300;
/** A run gets no further than so many messages before it is killed, and the last one shall find some left. */
const FURTHEST = READERS / (KILLS_A_CAMPAIGN + 2);

/** Most of the time that a run takes goes by before its first message: there, few kills tell anything. */
const MOMENTS: readonly Moment[] = ['connect', 'rcpt', 'data', 'content', 'content', 'dot', 'dot', 'reply'];

/** The same numbers for the same seed, so that a campaign can be played again. */
function dice(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state / 2 ** 32;
  };
}

describe.each(databases)('killed with -9 again and again, on $name', (database) => {
  const tally = { kills: 0, whileSending: 0, open: 0, uncertain: 0, resent: 0 };
  afterAll(() => console.log(`kill -9 on ${database.name}: ${JSON.stringify(tally)}`));

  const trials = Array.from({ length: Math.ceil(KILLS / KILLS_A_CAMPAIGN) }, (_, index) => index);
  test.each(trials)(
    'nobody is lost, nobody gets two, and status names who may have none (campaign %i)',
    {
      timeout: 300_000,
    },
    async (trial) => {
      const roll = dice(trial + 1);
      const pick = <T>(from: readonly T[]) => from[Math.floor(roll() * from.length)]!;
      const campaign = await realCampaign(database, READERS);
      const { sink, readers } = campaign;
      try {
        sink.tell({ hold: 4 });
        // In every second campaign envelopes do not wait for replies.
        sink.tell({ pipelining: trial % 2 === 1 });
        let known = 0;
        let atMost = 0;
        for (let kill = 0; kill < KILLS_A_CAMPAIGN; kill += 1) {
          const moment = pick(MOMENTS);
          const run = campaign.send();
          const struck = await sink.strike({
            group: run.group,
            signal: 'SIGKILL',
            moment,
            nth: moment === 'connect' ? 1 + Math.floor(roll() * 4) : 1 + Math.floor(roll() * FURTHEST),
            delay: roll() < 0.5 ? 0 : roll() * 8,
            // One in eight somewhere in the start.
            ...(roll() < 0.125 ? { latest: roll() * 500 } : {}),
          });
          const { code, stderr } = await run.ended;
          expect(code, `killed and not ended: ${stderr}`).toBeNull();
          const { sending, uncertain } = (await campaign.standing())?.counts ?? { sending: 0, uncertain: 0 };
          tally.kills += 1;
          tally.open += struck.open;
          if (sending > 0) tally.whileSending += 1;
          expect(struck.inContent, 'content came that no durable `sending` stands for').toBeLessThanOrEqual(
            sending,
          );
          // What an earlier kill left is `sending` until some start has found it.
          const fresh = sending + uncertain - known;
          expect(fresh, 'no more than there were connections').toBeLessThanOrEqual(struck.open);
          expect(fresh, 'and none was forgotten').toBeGreaterThanOrEqual(0);
          known += fresh;
          atMost += struck.open;
        }
        const last = await campaign.send().ended;
        expect([0, 3], last.stderr).toContain(last.code);
        const uncertain = expectEverybodyOnce(campaign, await campaign.status());
        expect(uncertain, 'uncertain, and in flight at some kill').toBeLessThanOrEqual(atMost);
        tally.uncertain += uncertain;

        // Sent again by order: everybody has it, and who has two has the same one twice.
        await campaign.status('--resolve', 'resend');
        expect((await campaign.send().ended).code).toBe(0);
        const taken = sink.taken();
        const { lost, twice } = lostAndTwice(readers, taken, new Set());
        expect(lost).toEqual([]);
        expect(twice.length).toBeLessThanOrEqual(uncertain);
        expect(new Set(taken.map(({ to, messageId, hash }) => `${to} ${messageId} ${hash}`)).size).toBe(
          READERS,
        );
        tally.resent += taken.length - READERS;
      } finally {
        await campaign.close();
      }
    },
  );

  test('and at least half of the kills came while rows were `sending`', () => {
    expect(tally.kills).toBeGreaterThanOrEqual(KILLS);
    expect(tally.whileSending).toBeGreaterThanOrEqual(tally.kills / 2);
  });
});
