import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, MAX_TRIES, orphaned, settle } from '../../src/campaign/settle.ts';
import type { Outcome, Reply, Stage } from '../../src/mail.ts';

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
  test('grows from 5 minutes to 12 hours, with up to a quarter taken off', () => {
    expect([1, 2, 3, 8, 9, 50].map((n) => backoff(n, 0) / MINUTE)).toEqual([5, 10, 20, 640, 720, 720]);
    fc.assert(
      fc.property(fc.nat(2000), random, (n, chance) => {
        const wait = backoff(n, chance);
        expect(wait).toBeLessThanOrEqual(backoff(n, 0));
        expect(wait).toBeGreaterThanOrEqual(backoff(n, 0) * 0.75 - 1);
        expect(backoff(n + 1, 0)).toBeGreaterThanOrEqual(backoff(n, 0));
      }),
    );
  });
});

test('of a sender that died, what was claimed is queued and what was sending is uncertain, never queued', () => {
  expect([orphaned('claimed'), orphaned('sending')]).toEqual(['queued', 'uncertain']);
});
