import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, MAX_TRIES, orphaned, settle } from '../../src/campaign/settle.ts';
import type { Outcome, Reply, Stage } from '../../src/mail.ts';
import { parseReply } from '../../src/transport/outcome.ts';

const MINUTE = 60_000;
const stage = fc.constantFrom<Stage>(
  'connect',
  'greeting',
  'ehlo',
  'auth',
  'mail',
  'rcpt',
  'data',
  'content',
  'final',
);
const reply = fc.record<Reply>({
  code: fc.integer({ min: 200, max: 599 }),
  enhanced: fc.option(fc.constantFrom('5.1.1', '4.2.2')),
  text: fc.string(),
});
const deferred = (...causes: (Outcome & { kind: 'deferred' })['cause'][]): fc.Arbitrary<Outcome> =>
  fc.record({
    kind: fc.constant('deferred' as const),
    cause: fc.constantFrom(...causes),
    stage,
    reply: fc.option<Reply>(reply),
    reason: fc.string(),
  });
const tries = fc.integer({ min: 0, max: MAX_TRIES - 1 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const NOW = 1_800_000_000_000;

describe('settle', () => {
  test.each(['accepted', 'rejected', 'uncertain'] as const)('%s is final', (kind) => {
    fc.assert(
      fc.property(tries, reply, random, (before, said, chance) => {
        const outcome = (
          kind === 'uncertain'
            ? { kind, stage: 'final', reason: 'lost' }
            : { kind, stage: 'final', reply: said }
        ) as Outcome;
        const transition = settle(before, outcome, NOW, chance);
        expect(transition).toMatchObject({ to: kind, tries: before + 1 });
        if (kind !== 'uncertain') expect(transition).toMatchObject({ code: said.code, reply: said.text });
      }),
    );
  });

  test('the relay’s and our own failures are never counted against a reader, however often', () => {
    fc.assert(
      fc.property(fc.nat(100), deferred('relay', 'configuration'), random, (before, outcome, chance) => {
        expect(settle(before, outcome, NOW, chance)).toMatchObject({
          to: 'queued',
          tries: before,
          dueAt: NOW,
        });
      }),
    );
  });

  test('a reader’s deferral counts a try and waits; the last one rejects', () => {
    fc.assert(
      fc.property(tries, deferred('recipient', 'connection'), random, (before, outcome, chance) => {
        const { to, tries: after, dueAt } = settle(before, outcome, NOW, chance);
        expect(after).toBe(before + 1);
        expect(to).toBe(after < MAX_TRIES ? 'queued' : 'rejected');
        if (to === 'queued') expect(dueAt).toBeGreaterThanOrEqual(NOW + 22_500);
      }),
    );
  });

  test('whatever keeps happening, a reader’s row is queued a bounded number of times', () => {
    let row = { to: 'queued', tries: 0 } as { to: string; tries: number };
    let steps = 0;
    for (; row.to === 'queued' && steps < 100; steps += 1)
      row = settle(
        row.tries,
        { kind: 'deferred', cause: 'recipient', stage: 'rcpt', reply: null, reason: 'later' },
        NOW,
        0,
      );
    expect({ to: row.to, steps }).toEqual({ to: 'rejected', steps: MAX_TRIES });
  });

  test('a lost connection is tried again ten times sooner than a 4yz', () => {
    const wait = (cause: 'recipient' | 'connection') =>
      settle(0, { kind: 'deferred', cause, stage: 'content', reply: null, reason: '' }, NOW, 0).dueAt - NOW;
    expect([wait('recipient'), wait('connection')]).toEqual([5 * MINUTE, MINUTE / 2]);
  });
});

describe('backoff', () => {
  test.each([
    ['greylisted', 5, 240],
    ['mailbox-full', 60, 720],
    ['rate-limited', 10, 360],
    ['policy', 30, 720],
    ['other', 5, 720],
    ['connection', 0.5, 72],
  ] as const)('of %s grows from %d minutes, doubled each time, to %d', (kind, first, longest) => {
    const minutes = (tries: number) => backoff(kind, tries, 0) / MINUTE;
    expect([1, 2, 3, 50].map(minutes)).toEqual([first, 2 * first, 4 * first, longest]);
    fc.assert(
      fc.property(fc.nat(2000), random, (n, chance) => {
        const wait = backoff(kind, n, chance);
        expect(wait).toBeLessThanOrEqual(backoff(kind, n, 0));
        expect(wait).toBeGreaterThanOrEqual(backoff(kind, n, 0) * 0.75 - 1);
        expect(backoff(kind, n + 1, 0)).toBeGreaterThanOrEqual(backoff(kind, n, 0));
      }),
    );
  });

  test('spreads ten thousand that are deferred at once over a quarter of the wait', () => {
    const dues = Array.from({ length: 10_000 }, (_, n) =>
      backoff('greylisted', 1, ((n * 7919) % 10_000) / 10_000),
    );
    const fullest = Math.max(
      ...[...Map.groupBy(dues, (at) => Math.floor(at / 1000)).values()].map(({ length }) => length),
    );
    expect(Math.max(...dues) - Math.min(...dues)).toBeGreaterThan(MINUTE);
    expect(fullest, 'in one second').toBeLessThan(10_000 / 60);
  });
});

describe('a 4yz waits by its class', () => {
  test.each([
    ['450 4.2.0 Greylisted, see http://postgrey.example', 5],
    ['452 4.2.2 The mailbox is full', 60],
    ['421 4.7.28 Our system has detected an unusual rate of mail', 10],
    ['451 4.7.1 SPF could not be looked up', 30],
    ['451 4.3.0 try later', 5],
    ['450 4.1.1 unverified address: user unknown', 5],
  ])('%s: %d minutes', (line, minutes) => {
    const outcome: Outcome = {
      kind: 'deferred',
      cause: 'recipient',
      stage: 'rcpt',
      reply: parseReply(line),
      reason: '',
    };
    expect((settle(0, outcome, NOW, 0).dueAt - NOW) / MINUTE).toBe(minutes);
  });
});

test('only a dead address is suppressed, and never for what is said for now', () => {
  const bounced = (line: string) => {
    const said = parseReply(line);
    const outcome: Outcome =
      said.code < 500
        ? { kind: 'deferred', cause: 'recipient', stage: 'rcpt', reply: said, reason: '' }
        : { kind: 'rejected', stage: 'rcpt', reply: said };
    return settle(0, outcome, NOW, 0).bounced === true;
  };
  expect(bounced('550 5.1.1 nobody here')).toBe(true);
  expect(bounced('550 5.7.1 refused by our policy')).toBe(false);
  expect(bounced('450 4.1.1 user unknown')).toBe(false);
});

test('of a sender that died, what was claimed is queued and what was sending is uncertain, never queued', () => {
  expect([orphaned('claimed'), orphaned('sending')]).toEqual(['queued', 'uncertain']);
});
