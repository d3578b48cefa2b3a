import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Campaign } from '../../src/campaign/campaign.ts';
import { type DeliverOptions, type DeliverReport, deliver } from '../../src/engine/deliver.ts';
import { type Ledger, LedgerError } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { thisProcess } from '../../src/ledger/this-process.ts';
import type { Outcome } from '../../src/mail.ts';
import type { Limits } from '../../src/newsletter.ts';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp, type SmtpTransport } from '../../src/transport/smtp.ts';
import { type Script, type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { messageTo } from '../transport/message-to.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const MINUTE = 60_000;
const NO_LIMITS: Limits = {
  perSecond: null,
  perMinute: null,
  perHour: null,
  perDay: null,
  connections: 4,
  warmUp: null,
  domains: {},
};

interface Scene {
  readonly server: ScriptedServer;
  readonly path: string;
  readonly ledger: Ledger;
  readonly clock: VirtualClock;
  readonly readers: readonly string[];
  /** Delivers the campaign with a transport of its own. */
  run(
    changes?: Partial<DeliverOptions> & {
      readonly limits?: Partial<Limits>;
      readonly as?: Ledger;
      readonly url?: string;
      /** Also while a message is under way. */
      readonly timePasses?: boolean;
    },
  ): Promise<DeliverReport>;
  /** What was settled, in order. */
  readonly settled: { readonly address: string; readonly outcome: Outcome; readonly at: number }[];
}

async function scene(count: number, script: Script = {}): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-deliver-'));
  const path = join(folder, 'ledger.sqlite');
  const server = await startSmtpServer(script);
  const clock = virtualClock();
  const ledger = await openLedger(path, { ...thisProcess(), uptime: clock.uptime });
  ends.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => server.close(),
    () => ledger.close().catch(() => {}),
  );
  const readers = Array.from({ length: count }, (_, index) => `r${index}@example.com`);
  const campaign: Campaign = {
    id: 'c1',
    slug: 'first',
    list: 'weekly',
    digest: '',
    sender: {} as Campaign['sender'],
    state: 'running',
    reason: '',
    createdAt: clock.now(),
  };
  await ledger.record(
    campaign,
    '',
    readers.map((address) => ({ address, key: address, fields: {} })),
  );
  const settled: Scene['settled'] = [];
  return {
    server,
    path,
    ledger,
    clock,
    readers,
    settled,
    async run({ limits = {}, as = ledger, url = server.url, timePasses = false, ...changes } = {}) {
      const relay = parseSmtpUrl(url);
      if ('fault' in relay) throw new Error(relay.fault);
      const all = { ...NO_LIMITS, ...limits };
      const transport = openSmtp(relay, { connections: all.connections, connectTimeout: 2000 });
      const sender: SmtpTransport = timePasses
        ? transport
        : { ...transport, send: (message, gate) => clock.during(transport.send(message, gate)) };
      try {
        return await deliver({
          ledger: as,
          campaignId: 'c1',
          relays: [{ name: 'relay', transport: sender, weight: null, limits: all }],
          domains: all.domains,
          stamp: ({ address }) => messageTo(address),
          clock,
          random: () => 0,
          until: clock.now() + 30 * MINUTE,
          signal: new AbortController().signal,
          onSettled: ({ address }, outcome) => settled.push({ address, outcome, at: clock.passed() }),
          ...changes,
        });
      } finally {
        await transport.close();
      }
    },
  };
}

const sorted = (addresses: readonly string[]) => addresses.toSorted();

describe('everybody gets one', () => {
  test('on as many connections as allowed, and a second run does nothing', async () => {
    const { server, readers, run, ledger, settled } = await scene(60);
    expect(await run()).toMatchObject({
      end: 'finished',
      counts: { accepted: 60, queued: 0 },
      nextDue: null,
    });
    expect(sorted(server.accepted())).toEqual(sorted(readers));
    expect(server.mostOpen).toBeLessThanOrEqual(4);
    expect(server.sessions).toBeLessThanOrEqual(4);
    expect(settled).toHaveLength(60);
    expect((await ledger.campaign('c1'))!.state).toBe('finished');
    expect(await run()).toMatchObject({ end: 'finished' });
    expect(server.received).toHaveLength(60);
  });

  test('of an empty rest there is nothing to do', async () => {
    const { run, server } = await scene(0);
    expect(await run()).toMatchObject({ end: 'finished', reason: '' });
    expect(server.sessions).toBe(0);
  });

  test('but who was rejected, and nobody else suffers', async () => {
    const { server, readers, run, ledger } = await scene(20, {
      rcpt: (to) => (/r[37]@/.test(to) ? '550 5.1.1 nobody here' : '250 ok'),
    });
    expect(await run()).toMatchObject({ end: 'finished', counts: { accepted: 18, rejected: 2 } });
    expect(sorted(server.accepted())).toEqual(sorted(readers.filter((to) => !/r[37]@/.test(to))));
    expect(await ledger.deliveries('c1', ['rejected'])).toMatchObject([
      { address: 'r3@example.com', code: 550, enhanced: '5.1.1', reply: '5.1.1 nobody here' },
      { address: 'r7@example.com', code: 550 },
    ]);
  });

  test('a message that cannot be made rejects its reader alone, with the reason', async () => {
    const { run, ledger } = await scene(10);
    const stamp: DeliverOptions['stamp'] = ({ address }) => {
      if (address.startsWith('r4@')) throw new Error('her name holds a line break');
      return messageTo(address);
    };
    expect(await run({ stamp })).toMatchObject({ end: 'finished', counts: { accepted: 9, rejected: 1 } });
    expect(await ledger.deliveries('c1', ['rejected'])).toMatchObject([
      { reply: 'her name holds a line break' },
    ]);
  });

  test('also when every message of the list cannot be made: the server is not spoken to', async () => {
    const { run, server } = await scene(10);
    const stamp = () => {
      throw new Error('no');
    };
    expect(await run({ stamp, limits: { perDay: 1 } })).toMatchObject({
      end: 'finished',
      counts: { rejected: 10 },
    });
    expect(server.sessions).toBe(0);
  });
});

describe('who is deferred', () => {
  test('waits, is tried again when due, and nobody waits for her', async () => {
    let greylisted = 0;
    const { run, settled, clock } = await scene(12, {
      rcpt: (to) => (to.startsWith('r5@') && greylisted++ < 1 ? '450 4.2.0 greylisted' : '250 ok'),
    });
    expect(await run()).toMatchObject({ end: 'finished', counts: { accepted: 12 } });
    expect(settled.filter(({ address }) => !address.startsWith('r5@')).every(({ at }) => at < 1000)).toBe(
      true,
    );
    const hers = settled.filter(({ address }) => address.startsWith('r5@'));
    expect(hers.map(({ outcome }) => outcome.kind)).toEqual(['deferred', 'accepted']);
    expect(hers[1]!.at).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(clock.passed()).toBeLessThan(6 * MINUTE);
  });

  test('for longer than --until is left for the next run, which is told when', async () => {
    const { run, clock, server, readers } = await scene(3, {
      rcpt: (to) => (to.startsWith('r1@') ? '450 4.2.0 greylisted' : '250 ok'),
    });
    const report = await run({ until: clock.now() + MINUTE });
    expect(report).toMatchObject({ end: 'waiting', counts: { accepted: 2, queued: 1 } });
    expect(report.nextDue).toBe(clock.now() - clock.passed() + 5 * MINUTE);
    expect(clock.passed()).toBeLessThan(MINUTE);
    server.play({});
    await clock.sleep(5 * MINUTE, new AbortController().signal);
    expect(await run()).toMatchObject({ end: 'finished', counts: { accepted: 3 } });
    expect(sorted(server.accepted())).toEqual(sorted(readers));
  });

  test('is delivered on time while another message waits minutes for its reply', async () => {
    let release = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    let tried = 0;
    const { run, settled } = await scene(2, {
      rcpt: (to) => (to.startsWith('r1@') && tried++ === 0 ? '450 4.2.0 later' : '250 ok'),
      async final(to) {
        if (to.startsWith('r0@')) await slow;
        else release();
        return '250 ok';
      },
    });
    expect(await run({ timePasses: true })).toMatchObject({ end: 'finished', counts: { accepted: 2 } });
    expect(settled.map(({ address }) => address)).toEqual([
      'r1@example.com',
      'r1@example.com',
      'r0@example.com',
    ]);
  });

  test('until after --until: what is due now is still sent', async () => {
    const { run, clock, server } = await scene(5);
    expect(await run({ until: clock.now() - 1 })).toMatchObject({ end: 'finished' });
    expect(server.accepted()).toHaveLength(5);
  });
});

describe('a relay in trouble', () => {
  test('that is not there pauses the campaign after seconds, and nobody has lost a try', async () => {
    const { run, server, ledger, clock, readers } = await scene(20);
    const { url, port } = server;
    await server.close();
    const report = await run({ url });
    expect(report).toMatchObject({ end: 'paused', counts: { queued: 20 } });
    expect(report.reason).toMatch(/mail server fails.*ECONNREFUSED/);
    expect(clock.passed()).toBeLessThan(10_000);
    expect(await ledger.campaign('c1')).toMatchObject({ state: 'paused', reason: report.reason });
    expect((await ledger.deliveries('c1', ['queued'])).every(({ tries }) => tries === 0)).toBe(true);

    const again = await startSmtpServer({}, port);
    ends.push(() => again.close());
    await ledger.setState('c1', 'running', '');
    expect(await run({ url: again.url })).toMatchObject({ end: 'finished' });
    expect(sorted(again.accepted())).toEqual(sorted(readers));
  });

  test('that restarts for some seconds is waited for', async () => {
    let refused = 0;
    const down = () => server.received.length >= 10 && refused++ < 10;
    const { run, server, clock } = await scene(40, {
      greeting: () => (down() ? '421 4.3.2 restarting' : '220 here'),
      mail: () => (down() ? '421 4.3.2 restarting' : '250 ok'),
    });
    expect(await run()).toMatchObject({ end: 'finished', counts: { accepted: 40 } });
    expect(new Set(server.accepted()).size).toBe(40);
    expect(clock.passed()).toBeGreaterThanOrEqual(1000);
  });

  test.each([
    ['says 421 at the greeting', { greeting: '421 no' }],
    ['drops at RCPT', { rcpt: 'drop' }],
    ['drops at DATA', { data: 'drop' }],
    ['refuses our sender', { mail: '550 5.7.1 not you' }],
    ['answers out of step', { data: '250 go' }],
  ] as const)('that %s does not spin: paused, nobody rejected, a handful of attempts', async (_, script) => {
    const { run, server } = await scene(200, script);
    const report = await run();
    expect(report).toMatchObject({
      end: 'paused',
      counts: { accepted: 0, rejected: 0, uncertain: 0, queued: 200 },
    });
    expect(server.sessions).toBeLessThanOrEqual(3 * 4 * 2);
  });

  test('that drops every connection after the final dot does not burn the list', async () => {
    const { run } = await scene(200, { final: 'drop' });
    const { end, counts } = await run();
    expect(end).toBe('paused');
    expect(counts.uncertain).toBeGreaterThan(0);
    expect(counts.uncertain).toBeLessThanOrEqual(3 * 4);
    expect(counts.queued).toBe(200 - counts.uncertain);
  });

  test.each([
    ['refuses the password', { auth: '535 5.7.8 wrong', extensions: ['AUTH PLAIN'] }],
    ['knows no login', { auth: '502 5.5.1 what?', extensions: [] }],
  ])('that %s is a matter of configuration: at once, nobody rejected', async (_, script) => {
    const { run, server, ledger } = await scene(50, script);
    const report = await run({ url: server.url.replace('://', '://ann:hunter22@') });
    expect(report).toMatchObject({ end: 'configuration', counts: { queued: 50, rejected: 0 } });
    expect(report.reason).not.toContain('hunter22');
    expect(server.sessions).toBeLessThanOrEqual(4);
    expect((await ledger.deliveries('c1', ['queued'])).every(({ tries }) => tries === 0)).toBe(true);
  });

  test('over one reader only: the others get theirs, and she is tried again with patience', async () => {
    const { run, server, clock } = await scene(30, {
      rcpt: (to) => (to.startsWith('r2@') ? 'drop' : '250 ok'),
    });
    const { counts } = await run({ until: clock.now() + 3 * MINUTE });
    expect(counts).toMatchObject({ accepted: 29 });
    expect(counts.queued + counts.rejected).toBe(1);
    expect(new Set(server.accepted()).size).toBe(29);
  });
});

describe('limits', () => {
  test.each([
    [{ perSecond: 3 }, 20, 1000, 3],
    [{ perMinute: 7 }, 30, MINUTE, 7],
    [{ perSecond: 5, perMinute: 12 }, 30, MINUTE, 12],
  ] as const)('%j hold, however many connections there are', async (limits, count, window, most) => {
    const begun: number[] = [];
    const { run, clock, ledger } = await scene(count, {
      data: () => {
        begun.push(clock.now());
        return '354 go';
      },
    });
    expect(await run({ limits })).toMatchObject({ end: 'finished', counts: { accepted: count } });
    const recorded = await ledger.begunSince(0);
    expect(recorded).toHaveLength(count);
    for (const times of [begun, recorded])
      for (const end of times)
        expect(times.filter((at) => at > end - window && at <= end).length).toBeLessThanOrEqual(most);
    expect(clock.passed(), 'and no more time than needed').toBeLessThan(
      (Math.ceil(count / most) - 1) * window + 5000,
    );
  });

  test('hold across a restart', async () => {
    const { run, clock, ledger } = await scene(10);
    const stop = new AbortController();
    const onSettled = () => stop.abort();
    await run({ limits: { perMinute: 4, connections: 1 }, signal: stop.signal, onSettled });
    await run({ limits: { perMinute: 4 } });
    const times = await ledger.begunSince(0);
    expect(times).toHaveLength(10);
    for (const end of times)
      expect(times.filter((at) => at > end - MINUTE && at <= end).length).toBeLessThanOrEqual(4);
    expect(clock.passed()).toBeGreaterThanOrEqual(2 * MINUTE);
  });

  test('are not used up by what never began', async () => {
    const { run, clock } = await scene(12, { rcpt: (to) => (/r1?[02468]@/.test(to) ? '550 no' : '250 ok') });
    expect(await run({ limits: { perHour: 7 } })).toMatchObject({ counts: { accepted: 6, rejected: 6 } });
    expect(clock.passed()).toBeLessThan(MINUTE);
  });
});

describe('stopped and begun again', () => {
  test('what is in flight is finished, the rest is delivered by the next run, exactly once', async () => {
    const stop = new AbortController();
    const { run, server, readers, ledger } = await scene(50, {
      final: () => {
        if (server.received.length === 10) stop.abort();
        return '250 ok';
      },
    });
    const first = await run({ signal: stop.signal });
    expect(first.end).toBe('interrupted');
    expect(first.counts).toMatchObject({ claimed: 0, sending: 0, uncertain: 0 });
    expect(first.counts.accepted).toBe(server.accepted().length);
    expect(server.accepted().length).toBeLessThanOrEqual(10 + 4);
    expect((await ledger.campaign('c1'))!.state).toBe('running');
    expect(await run()).toMatchObject({ end: 'finished', counts: { accepted: 50 } });
    expect(sorted(server.accepted())).toEqual(sorted(readers));
  });

  test('before anything began: nothing is sent', async () => {
    const { run, server } = await scene(5);
    const signal = AbortSignal.abort();
    expect(await run({ signal })).toMatchObject({ end: 'interrupted', counts: { queued: 5 } });
    expect(server.sessions).toBe(0);
  });

  test.each(['paused', 'cancelled'] as const)(
    '%s from elsewhere: no further message begins',
    async (state) => {
      const { run, server, ledger } = await scene(50, {
        async final() {
          if (server.received.length === 9) await ledger.setState('c1', state, 'by hand');
          return '250 ok';
        },
      });
      const report = await run();
      expect(report).toMatchObject({ end: state, reason: 'by hand' });
      expect(report.counts.accepted).toBe(server.accepted().length);
      expect(server.received.length).toBeLessThanOrEqual(9 + 4);
      expect(report.counts).toMatchObject({ claimed: 0, sending: 0, uncertain: 0 });
    },
  );

  test('paused from elsewhere while a limit is waited for: noticed at once, not an hour later', async () => {
    const { run, ledger, clock } = await scene(5);
    const end = run({
      limits: { perHour: 1 },
      onSettled: () => void ledger.setState('c1', 'paused', 'by hand'),
    });
    expect(await end).toMatchObject({ end: 'paused', counts: { accepted: 1, queued: 4 } });
    expect(clock.passed()).toBeLessThan(5000);
  });

  test('who was suppressed after the claim gets nothing, and the others go on', async () => {
    const { run, server, ledger } = await scene(20, {
      async final() {
        await ledger.suppress({ key: 'r15@example.com', list: null, reason: 'unsubscribed', at: '' });
        return '250 ok';
      },
    });
    expect(await run({ limits: { connections: 1 } })).toMatchObject({
      end: 'finished',
      counts: { accepted: 19, suppressed: 1 },
    });
    expect(server.accepted()).not.toContain('r15@example.com');
  });

  test('two at once share the work: nobody twice, nobody left', async () => {
    const { run, server, readers, path } = await scene(100);
    const other = await openLedger(path);
    ends.push(() => other.close());
    const reports = await Promise.all([run(), run({ as: other })]);
    for (const { end } of reports) expect(['finished', 'waiting']).toContain(end);
    expect(sorted(server.accepted())).toEqual(sorted(readers));
    expect(server.sessions, 'both worked').toBeGreaterThan(4);
  });
});

describe('a ledger that fails', () => {
  test('in the middle stops the sending: what it does not know of is not begun', async () => {
    const { run, server, path } = await scene(100, {
      final: () => {
        if (server.received.length === 10) rmSync(path);
        return '250 ok';
      },
    });
    await expect(run()).rejects.toBeInstanceOf(LedgerError);
    expect(server.received.length).toBeLessThanOrEqual(10 + 4);
    const octets = server.received.reduce((sum, { content }) => sum + content.length, 0);
    expect(server.contentOctets, 'no byte beyond whole messages').toBe(octets);
  });

  test('whose counts do not add up is not sent from', async () => {
    const { run, server, path } = await scene(5);
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(path);
    database.exec('DELETE FROM deliveries WHERE id = 1');
    database.close();
    await expect(run()).rejects.toThrow(/planned for 5 readers/);
    expect(server.sessions).toBe(0);
  });
});

test('a sender tells that it lives while its only message waits for a reply', async () => {
  const { run, path, clock } = await scene(1, {
    async final() {
      // The lanes that have nothing to do let the time pass; more than a quarter of an hour of silence would be a death.
      while (clock.passed() < 3 * MINUTE) await new Promise((resolve) => setTimeout(resolve, 1));
      const { DatabaseSync } = await import('node:sqlite');
      const database = new DatabaseSync(path, { readOnly: true });
      const [row] = database.prepare('SELECT beat_at FROM senders').all() as { beat_at: number }[];
      database.close();
      seen = clock.now() - row!.beat_at;
      return '250 ok';
    },
  });
  let seen = Infinity;
  expect(await run({ timePasses: true })).toMatchObject({ end: 'finished' });
  expect(seen).toBeLessThanOrEqual(MINUTE);
});
