import { expect, test } from 'vitest';
import { startSmtpServer } from '../support/smtp-server.ts';
import { projectForNpm, startNpm } from './through-npm.ts';

/** More by hand: BROADSHEET_TRIALS=100 npx vitest run --config tests/vitest.config.ts tests/send-kill */
const TRIALS = Number(process.env.BROADSHEET_TRIALS ?? 4);
const READERS = 60;
const KILLS = 2;
const CONNECTIONS = 4;

/** Where a process is killed: at the nth command of a kind, before the server answers or right after. */
const MOMENTS = ['connect', 'rcpt', 'data', 'final before the reply', 'final after the reply'] as const;

/** The same numbers for the same seed, so that a trial that failed can be played again. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state % sides;
  };
}

const tally = { trials: 0, kills: 0, lost: 0, twice: 0, uncertain: 0, mostUncertain: 0 };

test.each(Array.from({ length: TRIALS }, (_, index) => index))(
  'killed with -9 and started again: nobody lost, nobody twice (trial %i)',
  async (trial) => {
    const roll = dice(trial + 1);
    const { project, readers } = projectForNpm(READERS);
    const server = await startSmtpServer();
    let kills = 0;
    try {
      for (let run = 0; run <= KILLS; run += 1) {
        const moment = MOMENTS[roll(MOMENTS.length)]!;
        let left = moment === 'connect' ? roll(3) : roll(READERS / KILLS);
        const npm = startNpm(project.root, ['send', '--', 'letter', '--confirm', 'letter'], server.url);
        const at = (here: (typeof MOMENTS)[number]) => {
          if (run === KILLS || here !== moment || left-- !== 0) return;
          kills += 1;
          npm.signal('SIGKILL');
        };
        server.play({
          greeting: () => {
            at('connect');
            return '220 here';
          },
          rcpt: () => {
            at('rcpt');
            return '250 ok';
          },
          data: () => {
            at('data');
            return '354 go';
          },
          final: () => {
            at('final before the reply');
            // After the reply has left, and before or while it is recorded.
            setImmediate(() => at('final after the reply'));
            return '250 taken';
          },
        });
        const { code, stderr } = await npm.ended;
        if (run === KILLS) expect([0, 3], stderr).toContain(code);
      }
      const status = await startNpm(project.root, ['status', '--', 'letter', '--json'], server.url).ended;
      const [campaign] = JSON.parse(status.stdout) as [
        { counts: Record<string, number>; troubled: { state: string; address: string }[] },
      ];
      const uncertain = new Set(
        campaign.troubled.filter(({ state }) => state === 'uncertain').map(({ address }) => address),
      );
      const accepted = server.accepted();
      const twice = accepted.filter((address, index) => accepted.indexOf(address) < index);
      const lost = readers.filter((address) => !accepted.includes(address) && !uncertain.has(address));
      tally.trials += 1;
      tally.kills += kills;
      tally.lost += lost.length;
      tally.twice += twice.length;
      tally.uncertain += uncertain.size;
      tally.mostUncertain = Math.max(tally.mostUncertain, uncertain.size);
      expect(twice, 'got two').toEqual([]);
      expect(lost, 'were lost').toEqual([]);
      expect(uncertain.size, 'uncertain: at most one a connection and kill').toBeLessThanOrEqual(
        CONNECTIONS * kills,
      );
      expect((campaign.counts.accepted ?? 0) + uncertain.size).toBe(READERS);
    } finally {
      await server.close();
    }
  },
);

test('what the trials came to', () => {
  console.log(`kill -9 trials: ${JSON.stringify(tally)}`);
  expect(tally.trials).toBe(TRIALS);
});

test('Ctrl-C ends with 130 after what is in flight, twice within half a second counts once, and it goes on', async () => {
  const { project, readers } = projectForNpm(READERS);
  let seen = 0;
  let npm: ReturnType<typeof startNpm> | null = null;
  const server = await startSmtpServer({
    data: () => {
      seen += 1;
      // As a terminal does it: to the whole group, and once more by way of npm.
      if (seen === 10) {
        npm!.signal('SIGINT');
        npm!.signal('SIGINT');
      }
      return '354 go';
    },
  });
  try {
    npm = startNpm(project.root, ['send', '--', 'letter', '--confirm', 'letter'], server.url);
    const first = await npm.ended;
    expect(first.code, first.stderr).toBe(130);
    const before = server.accepted().length;
    expect(before).toBeGreaterThanOrEqual(9);
    expect(before).toBeLessThan(READERS);
    expect(server.received).toHaveLength(before);
    const second = await startNpm(project.root, ['send', '--', 'letter', '--confirm', 'letter'], server.url)
      .ended;
    expect(second.code, second.stderr).toBe(0);
    expect(server.accepted().toSorted()).toEqual(readers.toSorted());
  } finally {
    await server.close();
  }
});

test('two started at once share the work: nobody twice', async () => {
  const { project, readers } = projectForNpm(READERS);
  const server = await startSmtpServer();
  try {
    const words = ['send', '--', 'letter', '--confirm', 'letter'];
    const both = await Promise.all([
      startNpm(project.root, words, server.url).ended,
      startNpm(project.root, words, server.url).ended,
    ]);
    for (const { code, stderr } of both) expect([0, 75], stderr).toContain(code);
    expect(server.accepted().toSorted()).toEqual(readers.toSorted());
  } finally {
    await server.close();
  }
});
