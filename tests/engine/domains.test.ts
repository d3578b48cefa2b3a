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

const SECOND = 1000;
const MINUTE = 60_000;
/** Those of gmail.com stand first: they must not hold up the others. */
const MIXED = [...at('gmail.com', 30), ...at('mail.example', 30)];
const isGmail = (address: string) => address.endsWith('@gmail.com');
const times = ({ acceptedAt }: Several, of: (address: string) => boolean) =>
  [...acceptedAt].filter(([address]) => of(address)).map(([, passed]) => passed);

describe('limits of a domain', () => {
  test('hold in every window, and nobody else waits for them', async () => {
    const it = await scene(MIXED, {});
    const domains = { 'gmail.com': { perSecond: 2, perMinute: 10 } };
    expect(await it.run({ domains })).toMatchObject({ end: 'finished', counts: { accepted: 60 } });
    expect(Math.max(...times(it, (to) => !isGmail(to)))).toBeLessThan(SECOND);
    const gmail = times(it, isGmail);
    for (const end of gmail) {
      expect(gmail.filter((passed) => passed > end - SECOND && passed <= end).length).toBeLessThanOrEqual(2);
      expect(gmail.filter((passed) => passed > end - MINUTE && passed <= end).length).toBeLessThanOrEqual(10);
    }
    // 10 at 0 to 4 s, 10 a minute later, 10 another minute later.
    expect(Math.max(...gmail)).toBe(2 * MINUTE + 4 * SECOND);
  });

  test('by * are those of each other domain by itself', async () => {
    const it = await scene([...at('a.example', 3), ...at('b.example', 3)], {});
    await it.run({ domains: { '*': { perMinute: 1 } } });
    for (const domain of ['a.example', 'b.example'])
      expect(times(it, (to) => to.endsWith(domain)).toSorted((a, b) => a - b)).toEqual([
        0,
        MINUTE,
        2 * MINUTE,
      ]);
  });

  test('hold for messages in flight at once', async () => {
    let open = 0;
    let most = 0;
    const it = await scene(MIXED, {
      rcpt(to) {
        if (isGmail(to)) most = Math.max(most, ++open);
        return '250 ok';
      },
      async final(to) {
        await new Promise((resolve) => setImmediate(resolve));
        if (isGmail(to)) open -= 1;
        return '250 ok';
      },
    });
    await it.run({ domains: { 'gmail.com': { connections: 2 } }, relays: [{ connections: 8 }] });
    expect(it.servers[0]!.accepted()).toHaveLength(60);
    expect(most).toBe(2);
  });
});

describe('a domain that limits us', () => {
  const LIMITED = '421 4.7.28 Our system has detected an unusual rate of mail';

  test('rests with growing pauses, is tried with one message, and nobody else waits', async () => {
    const knocks: number[] = [];
    const it = await scene(MIXED, {
      rcpt(to) {
        if (!isGmail(to)) return '250 ok';
        knocks.push(it.clock.passed());
        return it.clock.passed() < 5 * MINUTE ? LIMITED : '250 ok';
      },
    });
    expect(await it.run()).toMatchObject({ end: 'finished', counts: { accepted: 60, rejected: 0 } });
    expect(Math.max(...times(it, (to) => !isGmail(to)))).toBeLessThan(SECOND);
    const refused = knocks.filter((passed) => passed < 5 * MINUTE);
    // Two for each connection at once, then one after a minute, one after two more.
    expect([...new Set(refused)]).toEqual([0, MINUTE, 3 * MINUTE]);
    // A 421 on a connection that was used before is asked about once more on a new one.
    expect(refused.length).toBeLessThanOrEqual(2 * (2 * 3 + 2));
    expect((await it.ledger.suppressions('weekly')).size).toBe(0);
  });

  test('for longer than --until is left for the next run, which is told when', async () => {
    const it = await scene(MIXED, { rcpt: (to) => (isGmail(to) ? LIMITED : '250 ok') });
    const start = it.clock.now();
    const report = await it.run({ until: start + 2 * MINUTE });
    expect(report).toMatchObject({ end: 'waiting', counts: { accepted: 30, queued: 30 } });
    expect(report.nextDue).toBe(start + 3 * MINUTE);
  });

  test('and another, and a third: then it is the relay, which rests and at last pauses the campaign', async () => {
    const everywhere = at('x', 40).map((address, n) => address.replace('@x', `@${n}.example`));
    const it = await scene(everywhere, { data: '454 Throttling failure: Maximum sending rate exceeded' });
    const report = await it.run();
    expect(report).toMatchObject({ end: 'paused', counts: { queued: 40, rejected: 0 } });
    expect(report.reason).toContain('Throttling failure');
    expect(it.settled.size).toBeLessThan(15);
  });
});

describe('a refusal for policy’s sake', () => {
  const LISTED = '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org';

  test('everywhere pauses the campaign with the reason, and loses nobody', async () => {
    const it = await scene(MIXED.toSorted(), { rcpt: LISTED });
    const report = await it.run();
    expect(report).toMatchObject({ end: 'paused', counts: { queued: 60, rejected: 0 } });
    expect(report.reason).toContain('spamhaus');
    expect(it.settled.size, 'a handful was tried').toBeLessThanOrEqual(5 + 2 * 3 + 5);
    expect((await it.ledger.suppressions('weekly')).size).toBe(0);

    it.servers[0]!.play({});
    await it.ledger.setState('c1', 'running', '');
    expect(await it.run()).toMatchObject({ end: 'finished', counts: { accepted: 60 } });
  });

  test('of all messages to a list of one domain pauses it too', async () => {
    const it = await scene(at('corp.example', 40), { final: '550 5.7.1 we do not like this' });
    expect(await it.run()).toMatchObject({ end: 'paused', counts: { queued: 40, rejected: 0 } });
  });

  test('by one domain is its own matter: it rests, the others are delivered, and the report says so', async () => {
    const readers = [...at('corp.example', 8), ...MIXED];
    const it = await scene(readers, { rcpt: (to) => (to.endsWith('corp.example') ? LISTED : '250 ok') });
    const first = await it.run({ until: it.clock.now() + 2 * MINUTE });
    expect(first).toMatchObject({ end: 'waiting', counts: { accepted: 60, queued: 8, rejected: 0 } });
    expect(first.reason).toContain('corp.example refuses what we send');
    expect(Math.max(...times(it, () => true))).toBeLessThan(SECOND);
    expect((await it.ledger.suppressions('weekly')).size).toBe(0);
    // Run again and again it has the last word: three refusals of a message are enough.
    for (let run = 0; run < 9; run += 1) {
      await it.ledger.setState('c1', 'running', '');
      await it.clock.sleep(60 * MINUTE, new AbortController().signal);
      await it.run({ until: it.clock.now() });
    }
    expect(await it.ledger.counts('c1')).toMatchObject({ accepted: 60, rejected: 8 });
    expect((await it.ledger.deliveries('c1', ['rejected'])).every(({ tries }) => tries === 3)).toBe(true);
  });

  test('of one of two relays leaves it out where it is refused, and everybody gets one from the other', async () => {
    const elsewhere = [...at('mail.example', 40), ...at('post.example', 40)];
    const it = await scene(
      [...at('gmail.com', 40), ...elsewhere],
      { rcpt: (to) => (isGmail(to) ? LISTED : '250 ok') },
      {},
    );
    expect(await it.run()).toMatchObject({ end: 'finished', counts: { accepted: 120, rejected: 0 } });
    expect(it.servers[1]!.accepted().filter(isGmail)).toHaveLength(40);
    expect(it.servers[0]!.accepted().length, 'it goes on elsewhere').toBeGreaterThan(10);
    expect(it.told).toEqual([]);
    const tries = (await it.ledger.deliveries('c1', ['accepted'])).map((one) => one.tries);
    expect(tries.filter((one) => one > 1).length).toBeLessThanOrEqual(5 + 3 * 3);

    const listed = await scene([...at('gmail.com', 30), ...elsewhere].toSorted(), { rcpt: LISTED }, {});
    expect(await listed.run()).toMatchObject({ end: 'finished', counts: { accepted: 110, rejected: 0 } });
    expect(listed.told).toEqual(['a fails']);
  });

  test('here and there rejects those readers alone', async () => {
    const refused = (to: string) => /r(?:3|9|15|21|27)@/.test(to);
    const it = await scene(MIXED, { rcpt: (to) => (refused(to) ? LISTED : '250 ok') });
    const report = await it.run({ relays: [{ connections: 1 }] });
    expect(report).toMatchObject({ end: 'finished', counts: { accepted: 50, rejected: 10 } });
    expect([...it.settled.values()].every((times) => times === 1)).toBe(true);
  });
});

test('a dead address is suppressed at once; a full mailbox is not, and is tried again', async () => {
  const replies: Record<string, string> = {
    r1: '550 5.1.1 no such reader',
    r2: '550 No such user here',
    r3: '552 5.2.2 mailbox full',
    r4: '550 5.7.1 not this one',
  };
  const it = await scene(at('example.com', 9), { rcpt: (to) => replies[to.split('@')[0]!] ?? '250 ok' });
  expect(await it.run()).toMatchObject({ end: 'finished', counts: { accepted: 5, rejected: 4 } });
  expect([...(await it.ledger.suppressions('another list'))]).toEqual([
    ['r1@example.com', 'bounced'],
    ['r2@example.com', 'bounced'],
  ]);
});

describe('a clock that is set in the middle of a send', () => {
  test.each([-1, 1])('by a day, %d: who was put off is delivered, and nobody waits a day', async (days) => {
    let first = true;
    const it = await scene(at('example.com', 20), {
      rcpt(to) {
        if (!to.startsWith('r7@') || !first) return '250 ok';
        first = false;
        it.clock.set(days * 24 * 60 * MINUTE);
        return '450 4.2.0 greylisted';
      },
    });
    const until = it.clock.now() + 3 * 24 * 60 * MINUTE;
    const report = await it.run({ relays: [{ perSecond: 5 }], until });
    expect(report).toMatchObject({ end: 'finished', counts: { accepted: 20 } });
    expect(it.clock.passed()).toBeLessThan(10 * MINUTE);
    const all = times(it, (to) => !to.startsWith('r7@'));
    for (const end of all)
      expect(all.filter((passed) => passed > end - SECOND && passed <= end).length).toBeLessThanOrEqual(5);
  });
});

/** Ten thousand when TRIALS asks for a hard look. */
const CROWD = process.env.TRIALS ? 10_000 : 600;

test('a crowd that is greylisted at once comes back bit by bit, and all get theirs', async () => {
  const readers = at('example.com', CROWD);
  const seen = new Set<string>();
  const it = await scene(readers, {
    rcpt(to) {
      if (seen.has(to)) return '250 ok';
      seen.add(to);
      return '450 4.2.0 greylisted';
    },
  });
  let chance = 0;
  const random = () => {
    chance = (chance + 7919) % 10_000;
    return chance / 10_000;
  };
  expect(await it.run({ random, relays: [{ connections: 10 }] })).toMatchObject({
    end: 'finished',
    counts: { accepted: CROWD },
  });
  expect(it.servers[0]!.accepted()).toHaveLength(CROWD);
  const bySecond = Map.groupBy(it.acceptedAt.values(), (passed) => Math.floor(passed / SECOND));
  const fullest = Math.max(...[...bySecond.values()].map(({ length }) => length));
  expect(fullest, 'in one second').toBeLessThan(CROWD / 20);
}, 240_000);
