import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as real } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Delivery, DeliveryState } from '../../src/campaign/campaign.ts';
import { MAX_TRIES } from '../../src/campaign/settle.ts';
import { deliver } from '../../src/engine/deliver.ts';
import type { Clock } from '../../src/engine/ports.ts';
import { AlreadyPlanned, type Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { thisProcess } from '../../src/ledger/this-process.ts';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp } from '../../src/transport/smtp.ts';
import { campaignOf, readersNamed } from '../ledger/contract.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type Script, startSmtpServer } from '../support/smtp-server.ts';
import { messageTo } from '../transport/message-to.ts';

/*
 * The real engine, ledger and SMTP transport against a model that a page can hold: what the mail server has seen, and
 * which commands had been recorded when it answered. Whatever replies come, whoever dies and whatever is commanded:
 *
 *  1. one row for each reader, and no other campaign of the issue takes one again            → "planned again"
 *  2. content comes only while a durable row says `sending`                                 → "before `sending`"
 *  3. who died in between leaves `uncertain`, which is never sent by itself                 → "a message too many"
 *  4. a second message only after a 4yz or by `resend`, and it is the same bytes            → the same, "other bytes"
 *  5. the email that was recorded, whatever has become of it since                          → "other bytes"
 *  6. nobody who was suppressed, nothing once paused or cancelled; counts add up            → "was not to get one"
 *  9. two senders at once share the work                                                    → all of these
 *
 * The others: 7, a test touches no campaign, `tests/commands/send-test.test.ts`; 8, nothing personal is printed whatever
 * befalls a send, `tests/send-kill/campaign.ts`.
 */

const READERS = ['ann', 'bob', 'cyd', 'dan', 'eve', 'fay', 'gus', 'hal'];
const CONNECTIONS = 2;
const EVERY_STATE: readonly DeliveryState[] = [
  'queued', 'claimed', 'sending', 'accepted', 'rejected', 'uncertain', 'suppressed', 'cancelled',
]; // biome-ignore format: a list

/** What the server says to a message, and where. */
const said = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Script>(
      { rcpt: '450 4.2.0 later' },
      { rcpt: '550 5.1.1 nobody' },
      { rcpt: 'drop' },
      { data: '451 4.3.0 later' },
      { data: 'drop' },
      { final: '452 4.3.1 full' },
      { final: '554 5.6.0 no' },
      { final: 'drop' },
    ),
  },
);

/** What is done between runs, or in the middle of one while the server is about to answer. */
const act = fc.oneof(
  fc.record({ do: fc.constant('suppress' as const), who: fc.nat(READERS.length - 1) }),
  fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const) }),
  fc.record({ do: fc.constant('plan again' as const), who: fc.nat(READERS.length - 1) }),
  fc.record({
    do: fc.constant('set the clock' as const),
    hours: fc.constantFrom(-24, -1, 1, 24),
  }),
);
const kill = fc.record({ do: fc.constant('kill' as const), who: fc.nat(1) });
const cancel = fc.record({ do: fc.constant('cancel' as const) });

const run = fc.record({
  do: fc.constant('run' as const),
  senders: fc.integer({ min: 1, max: 2 }),
  replies: fc.array(said, { minLength: 1, maxLength: 6 }),
  /** By the count of commands that the server is about to answer. */
  meanwhile: fc.array(
    fc.tuple(
      fc.nat(24),
      fc.oneof(
        { weight: 4, arbitrary: act },
        { weight: 5, arbitrary: kill },
        { weight: 1, arbitrary: cancel },
      ),
    ),
    { maxLength: 4 },
  ),
});
const step = fc.oneof(
  { weight: 5, arbitrary: run },
  { weight: 3, arbitrary: act },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('resolve' as const),
      how: fc.constantFrom('resend' as const, 'accept' as const),
    }),
  },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const CASES = Number(process.env.BROADSHEET_CASES ?? 60);

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** `place` gives a new, empty ledger for each case. */
const databases: readonly { name: string; cases: number; place(ends: (() => unknown)[]): Promise<string> }[] =
  [
    {
      name: 'SQLite',
      cases: CASES,
      async place(ends) {
        const folder = mkdtempSync(join(tmpdir(), 'broadsheet-model-'));
        ends.push(() => rmSync(folder, { recursive: true, force: true }));
        return join(folder, 'ledger.sqlite');
      },
    },
    { name: 'PostgreSQL', cases: CASES / 2, place: () => server.database() },
  ];

test.each(databases)(
  'on $name, whatever replies come, whoever dies and whatever is commanded: the invariants hold',
  { timeout: 300_000 },
  async ({ name, cases, place }) => {
    const tally = { cases: 0, runs: 0, kills: 0, messages: 0, uncertain: 0, resent: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), (steps) =>
        playedOut(steps, place, tally),
      ),
      // Smaller cases are no easier to see through, and each takes a second.
      { numRuns: Math.ceil(cases), endOnFailure: true },
    );
    console.log(`model on ${name}: ${JSON.stringify(tally)}`);
  },
);

async function playedOut(
  steps: readonly Step[],
  place: (ends: (() => unknown)[]) => Promise<string>,
  tally: Record<'cases' | 'runs' | 'kills' | 'messages' | 'uncertain' | 'resent', number>,
): Promise<void> {
  tally.cases += 1;
  const ends: (() => unknown)[] = [];
  const broken: string[] = [];
  try {
    const at = await place(ends);
    const open = async (identity = thisProcess()) => {
      const ledger = await openLedger(at, identity);
      ends.push(() => ledger.close().catch(() => {}));
      return ledger;
    };
    const observer = await open();
    await observer.record(campaignOf(), 'the email as it was recorded', readersNamed(...READERS));
    const rows = () => observer.deliveries('c1', EVERY_STATE);
    const clock = quickClock();

    // The model.
    const suppressed = new Set<string>();
    let stopped: 'paused' | 'cancelled' | null = null;
    /** How many messages a reader may still get, by what the server and the commands have said. */
    const may = new Map(READERS.map((name) => [name, 1]));
    const bytes = new Map<string, string>();
    const answers = new Map<string, string[]>(READERS.map((name) => [name, []]));
    /** Of whom nobody can know, whatever the reason. */
    const shaken = new Set<string>();
    /** By session: why the message that it was about to take must not come. */
    const forbidden = new Map<number, string | null>();
    const resolvedAsAccepted = new Set<string>();
    const resent = new Set<string>();
    /** Who was answered with a 5yz, at whatever command. */
    const refused = new Set<string>();

    const perform = async (what: Act | { readonly do: 'cancel' }): Promise<void> => {
      if (what.do === 'suppress') {
        const name = READERS[what.who]!;
        await observer.suppress({
          key: `${name}@example.com`,
          list: what.who % 2 ? null : 'weekly',
          reason: 'unsubscribed',
          at: '',
        });
        suppressed.add(name);
      } else if (what.do === 'set the clock') clock.turn(what.hours * 3_600_000);
      else if (what.do === 'plan again') {
        const again = observer.record(
          campaignOf({ id: 'c2' }),
          'another email',
          readersNamed('zoe', READERS[what.who]!),
        );
        await again.then(
          () => broken.push('planned again'),
          (error: unknown) => error instanceof AlreadyPlanned || broken.push(String(error)),
        );
      } else if (stopped !== 'cancelled') {
        // Said before it is recorded for what may go on, after it for what may not.
        if (what.do === 'resume') goOn();
        await observer.setState(
          'c1',
          what.do === 'pause' ? 'paused' : what.do === 'cancel' ? 'cancelled' : 'running',
          '',
        );
        // Another command may have cancelled meanwhile, which is for good.
        if ((stopped as string | null) === 'cancelled') return;
        if (what.do === 'resume') goOn();
        else stopped = what.do === 'pause' ? 'paused' : 'cancelled';
      }
    };
    /** What was about to be taken while it was paused may come as well. */
    const goOn = () => {
      stopped = null;
      for (const [session, why] of forbidden) if (why === 'paused') forbidden.delete(session);
    };

    const server = await startSmtpServer();
    ends.push(() => server.close());
    const nameOf = (address: string) => address.split('@')[0]!.toLowerCase();

    const runOnce = async ({
      senders,
      replies,
      meanwhile,
    }: Omit<typeof run extends fc.Arbitrary<infer R> ? R : never, 'do'>) => {
      tally.runs += 1;
      let commands = 0;
      const comesTo = async () => {
        const now = commands;
        commands += 1;
        for (const [, what] of meanwhile.filter(([when]) => when === now))
          if (what.do === 'kill') {
            tally.kills += 1;
            await (await processes)[what.who % senders]!.kill(async () => {
              for (const { key, state } of await rows())
                if (state === 'claimed' || state === 'sending') shaken.add(nameOf(key));
            });
          } else await perform(what);
      };
      let messages = 0;
      /** What is said to the message that is under way in a session. */
      const plays = new Map<number, Script>();
      const reply = (stage: 'rcpt' | 'data' | 'final', session: number, otherwise: string) =>
        String(plays.get(session)?.[stage] ?? otherwise);
      const heard = (name: string, answer: string) => {
        if (answer.startsWith('5')) refused.add(name);
        return answer;
      };
      server.play({
        rcpt: async (to, session) => {
          plays.set(session, replies[messages++ % replies.length]!);
          await comesTo();
          return heard(nameOf(to), reply('rcpt', session, '250 ok'));
        },
        data: async (to, session) => {
          await comesTo();
          const name = nameOf(to);
          // The gate is asked after the 354: what was recorded before it must be heeded.
          forbidden.set(session, stopped ?? (suppressed.has(name) ? 'suppressed' : null));
          return heard(name, reply('data', session, '354 go'));
        },
        final: async (to, session) => {
          const name = nameOf(to);
          await comesTo();
          const { state, date } = (await rows()).find(({ key }) => nameOf(key) === name)!;
          if (date === null || !(state === 'sending' || (state === 'uncertain' && shaken.has(name))))
            broken.push(`content for ${name} before \`sending\` was durable: ${state}`);
          if (forbidden.get(session)) broken.push(`${name} was not to get one: ${forbidden.get(session)}`);
          may.set(name, may.get(name)! - 1);
          if (may.get(name)! < 0) broken.push(`a message too many for ${name}`);
          const answer = reply('final', session, '250 ok');
          if (answer === 'drop') shaken.add(name);
          if (answer.startsWith('4')) may.set(name, may.get(name)! + 1);
          answers.get(name)!.push(answer);
          return heard(name, answer);
        },
      });
      const processes = Promise.all(
        Array.from({ length: senders }, () => startSender(open, server.url, clock, ends)),
      );
      await Promise.all((await processes).map(({ ended }) => ended));
      for (const { to, content } of server.received.splice(0)) {
        tally.messages += 1;
        const name = nameOf(to[0]!);
        if ((bytes.get(name) ?? content) !== content) broken.push(`other bytes for ${name}`);
        bytes.set(name, content);
        if (!content.includes('the email as it was recorded'))
          broken.push('other bytes: not the recorded email');
      }
    };

    for (const one of steps) {
      if (one.do === 'run') await runOnce(one);
      else if (one.do === 'resolve') {
        const before = (await rows())
          .filter(({ state }) => state === 'uncertain')
          .map(({ key }) => nameOf(key));
        if ((await observer.resolve('c1', one.how, clock.now())) === 0) continue;
        for (const name of before)
          if (one.how === 'resend') {
            may.set(name, may.get(name)! + 1);
            resent.add(name);
            tally.resent += 1;
          } else resolvedAsAccepted.add(name);
      } else await perform(one);
      // Throws when the counts do not add up to the audience.
      await observer.counts('c1');
      expect(broken).toEqual([]);
    }

    // All is well from now on: one run after the other, until nothing is left.
    const left = async () => {
      const { queued, claimed, sending } = await observer.counts('c1');
      return queued + claimed + sending > 0;
    };
    for (let turn = 0; turn < 10 && (await left()); turn += 1) {
      if (stopped !== 'cancelled') await perform({ do: 'resume' });
      clock.turn(25 * 3_600_000);
      await runOnce({ senders: 1, replies: [{}], meanwhile: [] });
    }
    expect(broken).toEqual([]);
    for (const row of await rows()) expectExplained(row);

    function expectExplained({ key, state, tries }: Delivery): void {
      const name = nameOf(key);
      const got = answers.get(name)!.filter((answer) => answer.startsWith('250')).length;
      const why = `${name} is ${state}, after ${JSON.stringify(answers.get(name))}`;
      if (state === 'accepted') expect(got > 0 || resolvedAsAccepted.has(name), why).toBe(true);
      else if (state === 'uncertain') {
        tally.uncertain += 1;
        expect(shaken.has(name), why).toBe(true);
      } else if (state === 'suppressed') expect(suppressed.has(name), why).toBe(true);
      else if (state === 'cancelled') expect(stopped, why).toBe('cancelled');
      else {
        expect(state, why).toBe('rejected');
        expect(refused.has(name) || tries >= MAX_TRIES, why).toBe(true);
        // Whose acceptance was lost with its sender may be refused when it is sent again, and only then.
        expect(got === 0 || resent.has(name), why).toBe(true);
      }
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** A clock on which nobody waits for long: who sleeps wakes a millisecond later, and finds that a minute has gone. */
function quickClock(): Clock & { turn(ms: number): void } {
  let now = 1_800_000_000_000;
  return {
    now: () => now,
    turn: (ms) => {
      now += ms;
    },
    async sleep(ms, signal) {
      await real(1, undefined, { signal }).catch(() => {});
      now += ms * 60;
    },
    every: () => () => {},
  };
}

const NO_LIMITS = {
  perSecond: null,
  perMinute: null,
  perHour: null,
  perDay: null,
  connections: CONNECTIONS,
  warmUp: null,
};

/** A sender that can die: its process is another, which only lives and dies for it. */
async function startSender(
  open: (identity: ReturnType<typeof thisProcess>) => Promise<Ledger>,
  url: string,
  clock: Clock,
  ends: (() => unknown)[],
): Promise<{ kill(seen: () => Promise<void>): Promise<void>; ended: Promise<void> }> {
  const body = spawn('sleep', ['600'], { stdio: 'ignore' });
  ends.push(() => body.kill());
  await once(body, 'spawn');
  const ledger = await open({ ...thisProcess(), pid: body.pid!, born: '' });
  let dead = false;
  // The dead hear nothing more and do nothing more; what was handed to the database may still be committed.
  const mortal = Object.fromEntries(
    Object.entries(ledger).map(([name, method]) => [
      name,
      async (...given: never[]) => {
        if (dead) return new Promise(() => {});
        const result = await method(...given);
        return dead ? new Promise(() => {}) : result;
      },
    ]),
  ) as unknown as Ledger;
  const transport = openSmtp(parseSmtpUrl(url) as never, { connections: CONNECTIONS, connectTimeout: 2000 });
  ends.push(() => transport.close());
  let die = () => {};
  const killed = new Promise<void>((resolve) => {
    die = resolve;
  });
  const email = await ledger.email('c1');
  const ended = deliver({
    ledger: mortal,
    campaignId: 'c1',
    relays: [{ name: 'relay', transport, weight: null, limits: NO_LIMITS }],
    domains: {},
    stamp: ({ address }, date) => messageTo(address, `${email}, ${date}\r\n`),
    clock,
    random: () => 0,
    until: clock.now() + 30 * 60_000,
    signal: new AbortController().signal,
  });
  return {
    /** `seen` looks at the rows when they no longer change by it, and nobody else takes it for dead yet. */
    async kill(seen) {
      dead = true;
      await transport.close();
      await seen();
      if (body.exitCode === null && body.signalCode === null) {
        body.kill('SIGKILL');
        await once(body, 'exit');
      }
      die();
    },
    ended: Promise.race([ended.then(() => transport.close()), killed]),
  };
}
