import { afterEach, describe, expect, test } from 'vitest';
import { at, type Several, several } from './several.ts';

const scenes: Several[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.close();
});
const scene = async (...given: Parameters<typeof several>) => {
  const made = await several(...given);
  scenes.push(made);
  return made;
};

/** Everybody has one, from whichever server. */
function expectEach({ servers }: Several, addresses: readonly string[]): void {
  expect(servers.flatMap((server) => server.accepted()).toSorted()).toEqual(addresses.toSorted());
}

const MINUTE = 60_000;
const READERS = at('example.com', 60);

describe('of several relays', () => {
  test('all are used', async () => {
    const it = await scene(READERS, {}, {}, {});
    expect(await it.run()).toMatchObject({ end: 'finished', counts: { accepted: 60 } });
    expectEach(it, READERS);
    for (const { received } of it.servers) expect(received.length).toBeGreaterThan(5);
    expect(it.told).toEqual([]);
  });

  test('each has the share of its weight', async () => {
    const it = await scene(READERS, {}, {});
    await it.run({ relays: [{ weight: 3 }, { weight: 1 }] });
    expectEach(it, READERS);
    const [a, b] = it.servers.map(({ received }) => received.length);
    expect(Math.abs(a! - 45), `${a} and ${b}`).toBeLessThanOrEqual(3);
  });

  test('one that is down is left to the others, and told once; nobody loses a try', async () => {
    const it = await scene(READERS, {}, {});
    await it.servers[0]!.close();
    expect(await it.run({ relays: [{ weight: 3 }, { weight: 1 }] })).toMatchObject({ end: 'finished' });
    expectEach(it, READERS);
    expect((await it.ledger.deliveries('c1', ['accepted'])).every(({ tries }) => tries === 1)).toBe(true);
    expect(it.told.filter((words) => words !== 'a fails')).toEqual([]);
  });

  test('one that fails and comes back takes its share again, and no more', async () => {
    const gone = () => it.servers[0]!.received.length >= 5 && it.clock.passed() < 10_000;
    const it = await scene(
      at('example.com', 200),
      {
        greeting: () => (gone() ? '421 4.3.2 down' : '220 here'),
        mail: () => (gone() ? '421 4.3.2 down' : '250 ok'),
      },
      {},
    );
    // Rates, so that time passes while it is down.
    const relays = [
      { weight: 1, perSecond: 3 },
      { weight: 1, perSecond: 3 },
    ];
    expect(await it.run({ relays })).toMatchObject({ end: 'finished', counts: { accepted: 200 } });
    expectEach(it, at('example.com', 200));
    // It is tried after 1, 3, 7 and 15 s or a little sooner; meanwhile the other sends up to 45.
    const [a, b] = it.servers.map(({ received }) => received.length);
    expect(b! - a!, `${a} and ${b}`).toBeGreaterThan(10);
    expect(b! - a!, `${a} and ${b}`).toBeLessThan(60);
  });

  test('one that refuses our login is out, and the others deliver', async () => {
    const it = await scene(READERS, { auth: '535 5.7.8 wrong', extensions: ['AUTH PLAIN'] }, {});
    expect(await it.run({ relays: [{ user: 'ann' }] })).toMatchObject({
      end: 'finished',
      counts: { accepted: 60 },
    });
    expectEach(it, READERS);
    expect(it.told).toEqual(['a fails']);
    expect(it.servers[0]!.sessions).toBeLessThanOrEqual(2 * 3);
  });

  test('when all are down the campaign pauses; when all refuse our login it is configuration', async () => {
    const it = await scene(READERS, { greeting: '421 no' }, { greeting: '554 never' });
    const report = await it.run();
    expect(report).toMatchObject({ end: 'paused', counts: { queued: 60 } });
    expect(report.reason).toMatch(/mail server fails/);
    const auth = { auth: '535 5.7.8 wrong', extensions: ['AUTH PLAIN'] };
    const other = await scene(READERS, auth, auth);
    const users = { relays: [{ user: 'ann' }, { user: 'bob' }] };
    expect(await other.run(users)).toMatchObject({ end: 'configuration', counts: { queued: 60 } });
  });

  test('one that takes messages without a word makes a handful uncertain, and no more', async () => {
    const it = await scene(READERS, { final: 'drop' }, {});
    const { counts } = await it.run({ relays: [{}, { perSecond: 5 }] });
    expect(counts.accepted + counts.uncertain).toBe(60);
    // One for each connection, and two that find out whether it has got better.
    expect(counts.uncertain).toBeLessThanOrEqual(3 + 2);
    expect(it.told).toContain('a fails');
  });

  test('one that flaps without end costs nobody a message, and gives nobody two', async () => {
    let asked = 0;
    const it = await scene(
      at('example.com', 200),
      { rcpt: () => (asked++ % 3 === 2 ? 'drop' : '250 ok') },
      {},
    );
    const { end, counts } = await it.run({ relays: [{}, { perSecond: 5 }] });
    expect({ end, ...counts }).toMatchObject({ end: 'finished', accepted: 200, uncertain: 0 });
    expectEach(it, at('example.com', 200));
  });

  test('each keeps its own limits', async () => {
    const it = await scene(READERS, {}, {});
    await it.run({ relays: [{ perMinute: 5 }, { perMinute: 7 }] });
    expectEach(it, READERS);
    const minutes = [...it.acceptedAt.values()].map((passed) => Math.floor(passed / MINUTE));
    expect([0, 1, 2, 3, 4].map((n) => minutes.filter((one) => one === n).length)).toEqual([
      12, 12, 12, 12, 12,
    ]);
    expect(it.servers.map(({ received }) => received.length)).toEqual([25, 35]);
  });

  test('one that is new is warmed up day by day, from its first message on', async () => {
    const it = await scene(at('example.com', 16), {});
    const relays = [{ warmUp: { from: null, days: [2, 4, 8] } }];
    const days = [];
    for (let day = 0; day < 4; day += 1) {
      const before = it.acceptedAt.size;
      const { end } = await it.run({ relays, end: it.clock.now() + 1 });
      days.push([end, it.acceptedAt.size - before]);
      await it.clock.sleep(24 * 60 * MINUTE, new AbortController().signal);
    }
    expect(days).toEqual([
      ['waiting', 2],
      ['waiting', 4],
      ['waiting', 8],
      ['finished', 2],
    ]);
  });

  test('limits that let nothing begin before the end of the run end it, and say when', async () => {
    const it = await scene(at('example.com', 5), {});
    const end = it.clock.now() + 10 * MINUTE;
    const report = await it.run({ relays: [{ perHour: 2 }], end });
    expect(report).toMatchObject({ end: 'waiting', counts: { accepted: 2, queued: 3 } });
    expect(report.nextDue).toBe(it.clock.now() - it.clock.passed() + 60 * MINUTE);
    expect(it.clock.passed()).toBeLessThan(10 * MINUTE);
  });

  test('limits hold for two processes at once, and both of them send', async () => {
    const it = await scene(at('example.com', 40), {});
    const relays = [{ perSecond: 3, perMinute: 12 }];
    const reports = await Promise.all([it.run({ relays }), it.run({ relays, ledger: await it.other() })]);
    for (const { end } of reports) expect(['finished', 'waiting']).toContain(end);
    expectEach(it, at('example.com', 40));
    const all = [...it.acceptedAt.values()];
    for (const passed of all)
      for (const [most, length] of [
        [3, 1000],
        [12, MINUTE],
      ] as const)
        expect(all.filter((one) => one > passed - length && one <= passed).length).toBeLessThanOrEqual(most);
    expect(it.servers[0]!.sessions, 'both worked').toBeGreaterThan(3);
    // What one holds and has not used, the other asks for again a little later.
    expect(Math.max(...all), 'and about as fast as they may').toBeLessThanOrEqual(3.5 * MINUTE);
  });
});
