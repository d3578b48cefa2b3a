import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Campaign, Delivery, DeliveryState, PlannedReader } from '../../src/campaign/campaign.ts';
import type { Transition } from '../../src/campaign/settle.ts';
import { AlreadyPlanned, type Ledger, LedgerError } from '../../src/ledger/ledger.ts';
import { type ProcessIdentity, thisProcess } from '../../src/ledger/this-process.ts';

export const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

export function campaignOf(changes: Partial<Campaign> = {}): Campaign {
  const { id = 'c1', slug = 'first' } = changes;
  return {
    id,
    slug,
    list: 'weekly',
    digest: 'd1',
    sender: { name: 'The Broadside', listName: 'weekly' } as Campaign['sender'],
    state: 'running',
    reason: '',
    createdAt: NOW,
    ...changes,
  };
}

export function readersNamed(...names: readonly string[]): PlannedReader[] {
  return names.map((name) => ({
    address: `${name}@Example.com`,
    key: `${name}@example.com`,
    fields: { name, plan: 'pro' },
  }));
}

export function many(count: number): PlannedReader[] {
  return readersNamed(...Array.from({ length: count }, (_, index) => `r${index}`));
}

const transition = (to: DeliveryState, changes: Partial<Transition> = {}): Transition => ({
  to,
  tries: 1,
  dueAt: NOW,
  code: 250,
  enhanced: '2.0.0',
  reply: 'taken',
  ...changes,
});

const named = (rows: readonly Delivery[]) => rows.map(({ key }) => key.split('@')[0]);

/** A sender whose process has died: its pid is ours, but it was born at another time. */
export const dead = (id: string): ProcessIdentity => ({ ...thisProcess(), id, born: '0' });
export const elsewhere = (id: string): ProcessIdentity => ({
  id,
  host: 'another machine',
  pid: 1,
  born: '1',
  uptime: () => null,
});

/** A database that starts empty; `open` opens it once more, as another sender. */
export interface Database {
  open(identity?: ProcessIdentity): Promise<Ledger>;
  /** Makes it so that all senders were last heard `ms` ago: nobody can wait for, or move, a database's clock. */
  silence(ms: number): Promise<void>;
}

/** What every ledger must do, whatever database it is kept in. */
export function ledgerContract(fresh: () => Promise<Database>): void {
  /** A running campaign of some readers, and a sender for it. */
  const scene = async (readers: readonly PlannedReader[] = many(3), changes: Partial<Campaign> = {}) => {
    const database = await fresh();
    const ledger = await database.open();
    const campaign = campaignOf(changes);
    await ledger.record(campaign, 'the email', readers);
    await ledger.beat(NOW);
    return { database, ledger, id: campaign.id };
  };
  const stateOf = async (ledger: Ledger, id: string, key: string): Promise<Delivery> => {
    const all = await ledger.deliveries(id, [
      'queued',
      'claimed',
      'sending',
      'accepted',
      'rejected',
      'uncertain',
      'suppressed',
      'cancelled',
    ]);
    return all.find((row) => row.key === `${key}@example.com`)!;
  };

  describe('recording', () => {
    test('keeps the campaign, the email and the readers as they were given', async () => {
      const { ledger, id } = await scene(readersNamed('ann'));
      expect(await ledger.campaigns('first')).toEqual([campaignOf()]);
      expect(await ledger.campaign(id)).toEqual(campaignOf());
      expect(await ledger.campaign('none')).toBeNull();
      expect(await ledger.campaigns('second')).toEqual([]);
      expect(await ledger.email(id)).toBe('the email');
      expect(await ledger.deliveries(id, ['queued'])).toMatchObject([
        {
          address: 'ann@Example.com',
          key: 'ann@example.com',
          fields: { name: 'ann', plan: 'pro' },
          tries: 0,
          date: null,
        },
      ]);
    });

    test.each([
      ['a list that breaks off', () => brokenOff(), /broke off/],
      ['a reader twice', () => readersNamed('zoe', 'zoe'), AlreadyPlanned],
      ['a reader who has had the issue', () => readersNamed('zoe', 'ann'), AlreadyPlanned],
    ])('of %s is nothing at all', async (_, readers, error) => {
      const { ledger } = await scene(readersNamed('ann'));
      await expect(ledger.record(campaignOf({ id: 'c2' }), '', readers())).rejects.toThrow(error as never);
      expect((await ledger.campaigns()).map(({ id }) => id)).toEqual(['c1']);
      expect([...(await ledger.readersOf('first'))]).toEqual(['ann@example.com']);
    });

    test('takes a reader again for another issue', async () => {
      const { ledger } = await scene(readersNamed('ann'));
      await ledger.record(campaignOf({ id: 'c2', slug: 'second' }), '', readersNamed('ann'));
      expect([...(await ledger.readersOf('second'))]).toEqual(['ann@example.com']);
    });

    test('the same campaign at once by two: one records, the other hears that it is planned', async () => {
      const database = await fresh();
      const [one, two] = [await database.open(), await database.open()];
      const results = await Promise.allSettled([
        one.record(campaignOf({ id: 'c1' }), '', many(50)),
        two.record(campaignOf({ id: 'c2' }), '', many(50).reverse()),
      ]);
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const failed = results.find((result) => result.status === 'rejected')!;
      expect((failed as PromiseRejectedResult).reason).toBeInstanceOf(AlreadyPlanned);
      const [campaign, ...more] = await one.campaigns();
      expect(more).toEqual([]);
      expect((await one.counts(campaign!.id)).queued).toBe(50);
    });
  });

  describe('claiming', () => {
    test('by several senders at once gives everybody to exactly one', async () => {
      const { database, ledger, id } = await scene(many(100));
      const senders = [ledger, await database.open(), await database.open()];
      const claims = await Promise.all(
        Array.from({ length: 30 }, (_, index) => senders[index % 3]!.claim(id, NOW, 7)),
      );
      const keys = claims.flat().map(({ key }) => key);
      expect(keys).toHaveLength(100);
      expect(new Set(keys).size).toBe(100);
      expect((await ledger.counts(id)).claimed).toBe(100);
    });

    test('takes what is due, the longest due first, and no more than asked for', async () => {
      const { ledger, id } = await scene(readersNamed('ann', 'bob', 'cyd'));
      const [ann] = await ledger.claim(id, NOW, 1);
      expect(named([ann!])).toEqual(['ann']);
      await ledger.settle(ann!, transition('queued', { dueAt: NOW + MINUTE }), NOW);
      expect(await ledger.nextDue(id)).toBe(NOW);
      expect(named(await ledger.claim(id, NOW, 9))).toEqual(['bob', 'cyd']);
      expect(await ledger.nextDue(id)).toBe(NOW + MINUTE);
      expect(await ledger.claim(id, NOW + MINUTE - 1, 9)).toEqual([]);
      expect(named(await ledger.claim(id, NOW + MINUTE, 9))).toEqual(['ann']);
      expect(await ledger.nextDue(id)).toBeNull();
    });

    test.each(['paused', 'cancelled', 'finished', 'planned'] as const)(
      'from a %s campaign gives nobody',
      async (state) => {
        const { ledger, id } = await scene();
        await ledger.setState(id, state, 'why not');
        expect(await ledger.claim(id, NOW, 9)).toEqual([]);
        expect(await ledger.campaign(id)).toMatchObject({ state, reason: 'why not' });
      },
    );

    test('leaves out who left this list or all lists, not who left another; nobody behind waits for it', async () => {
      const { ledger, id } = await scene(readersNamed('ann', 'bob', 'cyd', 'dan'));
      const at = new Date(NOW).toISOString();
      await ledger.suppress({ key: 'ann@example.com', list: 'weekly', reason: 'unsubscribed', at });
      await ledger.suppress({ key: 'bob@example.com', list: null, reason: 'bounced', at });
      await ledger.suppress({ key: 'cyd@example.com', list: 'daily', reason: 'unsubscribed', at });
      expect(Object.fromEntries(await ledger.suppressions('weekly'))).toEqual({
        'ann@example.com': 'unsubscribed',
        'bob@example.com': 'bounced',
      });
      expect(named(await ledger.claim(id, NOW, 2))).toEqual(['cyd', 'dan']);
      expect(await ledger.counts(id)).toMatchObject({ suppressed: 2, claimed: 2, queued: 0 });
    });
  });

  describe('the gate', () => {
    test('opens for a claimed row, once, and fixes its Date', async () => {
      const { ledger, id } = await scene(readersNamed('ann'));
      const [ann] = await ledger.claim(id, NOW, 1);
      expect(await ledger.markSending(ann!, NOW + 1, NOW + 2)).toBe(true);
      expect(await ledger.markSending(ann!, NOW + 3, NOW + 4)).toBe(false);
      expect(await stateOf(ledger, id, 'ann')).toMatchObject({ state: 'sending', date: NOW + 1 });
      expect(await ledger.begunSince(NOW)).toEqual([NOW + 2]);
      await ledger.settle(ann!, transition('queued'), NOW);
      const [again] = await ledger.claim(id, NOW, 1);
      expect(again).toMatchObject({ date: NOW + 1, tries: 1 });
      await ledger.markSending(again!, NOW + 9, NOW + 9);
      expect(await stateOf(ledger, id, 'ann'), 'a repeat is the same bytes').toMatchObject({ date: NOW + 1 });
    });

    test('is shut for who was suppressed after the claim', async () => {
      const { ledger, id } = await scene(readersNamed('ann'));
      const [ann] = await ledger.claim(id, NOW, 1);
      await ledger.suppress({ key: 'ann@example.com', list: 'weekly', reason: 'unsubscribed', at: '' });
      expect(await ledger.markSending(ann!, NOW, NOW)).toBe(false);
      expect(await stateOf(ledger, id, 'ann')).toMatchObject({ state: 'suppressed' });
    });

    test('and a suppression at the same time: whichever ends first, nothing begins after it', async () => {
      const { database, ledger, id } = await scene(many(40));
      const other = await database.open();
      const rows = await ledger.claim(id, NOW, 40);
      const ends: string[] = [];
      await Promise.all(
        rows.map(async (row) => {
          const gate = ledger
            .markSending(row, NOW, NOW)
            .then((open) => open && ends.push(`begun ${row.key}`));
          await other.suppress({ key: row.key, list: null, reason: 'unsubscribed', at: '' });
          ends.push(`left ${row.key}`);
          await gate;
        }),
      );
      const { sending, suppressed } = await ledger.counts(id);
      expect(sending + suppressed).toBe(40);
      for (const row of await ledger.deliveries(id, ['suppressed']))
        expect(ends, 'begun all the same').not.toContain(`begun ${row.key}`);
    });

    test('of who left after an earlier try is shut, though the row had been queued again', async () => {
      const { ledger, id } = await scene(readersNamed('ann'));
      const [ann] = await ledger.claim(id, NOW, 1);
      await ledger.markSending(ann!, NOW, NOW);
      await ledger.suppress({ key: 'ann@example.com', list: null, reason: 'complained', at: '' });
      await ledger.settle(ann!, transition('queued'), NOW);
      expect(await ledger.claim(id, NOW, 1)).toEqual([]);
      expect(await stateOf(ledger, id, 'ann')).toMatchObject({ state: 'suppressed' });
    });

    test.each([
      ['paused', 'queued'],
      ['cancelled', 'cancelled'],
    ] as const)('is shut in a campaign %s after the claim, and the row ends as %s', async (state, end) => {
      const { ledger, id } = await scene(readersNamed('ann'));
      const [ann] = await ledger.claim(id, NOW, 1);
      await ledger.setState(id, state, '');
      expect(await ledger.markSending(ann!, NOW, NOW)).toBe(false);
      await ledger.release(id);
      expect(await stateOf(ledger, id, 'ann')).toMatchObject({ state: end, date: null });
      expect(await ledger.begunSince(0)).toEqual([]);
    });

    test('and the record of many at once answer each as if it had been asked alone', async () => {
      const { ledger, id } = await scene(many(100));
      const rows = await ledger.claim(id, NOW, 100);
      const left = rows.filter((_, at) => at % 10 === 3);
      for (const { key } of left) await ledger.suppress({ key, list: null, reason: 'unsubscribed', at: '' });
      const old = (at: number) => at % 10 === 5;
      const asked = rows.map((row, at) => (old(at) ? { ...row, fence: row.fence - 1 } : row));
      // One of ten is asked for twice, at once.
      const ask = asked.flatMap((row, at) => (at % 10 === 0 ? [row, row] : [row]));
      const opens = ask.map((row, nth) => {
        const at = asked.indexOf(row);
        return ask.indexOf(row) === nth && !left.includes(row) && !old(at);
      });
      const gate = (row: Delivery, nth: number) => ledger.markSending(row, NOW + nth, NOW + nth);
      expect(await Promise.all(ask.map(gate))).toEqual(opens);
      const begun = ask.filter((_, nth) => opens[nth]);
      for (const row of begun)
        expect(await stateOf(ledger, id, row.key.split('@')[0]!)).toMatchObject({
          state: 'sending',
          date: NOW + ask.indexOf(row),
        });

      const outcomes = begun.map((_, at) =>
        transition((['accepted', 'rejected', 'queued'] as const)[at % 3]!, {
          reply: `said to ${at}`,
          bounced: at % 6 === 1,
        }),
      );
      const told = begun.flatMap((row, at) => (at % 10 === 0 ? [row, row] : [row]));
      const record = (row: Delivery, nth: number) =>
        ledger.settle(
          row,
          told.indexOf(row) === nth ? outcomes[begun.indexOf(row)]! : transition('uncertain'),
          NOW,
        );
      expect(await Promise.all(told.map(record))).toEqual(told.map((row, nth) => told.indexOf(row) === nth));
      for (const [at, row] of begun.entries())
        expect(await stateOf(ledger, id, row.key.split('@')[0]!)).toMatchObject({
          state: outcomes[at]!.to,
          reply: `said to ${at}`,
        });
      const dead = begun.filter((_, at) => at % 6 === 1).map(({ key }) => key);
      const bounced = (await ledger.allSuppressions()).filter(({ reason }) => reason === 'bounced');
      expect(bounced.map(({ key }) => key).sort()).toEqual(dead.sort());
    });

    test('of the next message never opens before the one of the same connection is recorded', async () => {
      const { database, ledger, id } = await scene(many(400));
      const other = await database.open();
      const rows = await ledger.claim(id, NOW, 400);
      const connections = 4;
      let busy = connections;
      const connection = async () => {
        let recorded: Promise<boolean> | null = null;
        for (let row = rows.pop(); row; row = rows.pop()) {
          await ledger.markSending(row, NOW, NOW);
          // Servers answer when they like, so also while a commit is under way.
          await sleep(rows.length % 4);
          recorded = ledger.settle(row, transition('accepted'), NOW);
        }
        await recorded;
        busy -= 1;
      };
      const most = async () => {
        let sending = 0;
        for (; busy > 0; await new Promise(setImmediate))
          sending = Math.max(sending, (await other.counts(id)).sending);
        return sending;
      };
      const [seen] = await Promise.all([most(), ...Array.from({ length: connections }, connection)]);
      expect(seen).toBeGreaterThan(0);
      expect(seen, 'on so many connections').toBeLessThanOrEqual(connections);
    });

    test('is shut for another sender and for an older claim', async () => {
      const { database, ledger, id } = await scene(readersNamed('ann'));
      const [ann] = await ledger.claim(id, NOW, 1);
      const other = await database.open();
      expect(await other.markSending(ann!, NOW, NOW)).toBe(false);
      await ledger.release(id);
      expect(await ledger.markSending(ann!, NOW, NOW)).toBe(false);
      const [again] = await ledger.claim(id, NOW, 1);
      expect(await ledger.markSending(ann!, NOW, NOW), 'an old fence').toBe(false);
      expect(await ledger.markSending(again!, NOW, NOW)).toBe(true);
    });
  });

  describe('settling', () => {
    test.each(['accepted', 'rejected', 'uncertain', 'queued'] as const)(
      'records %s with the reply',
      async (to) => {
        const { ledger, id } = await scene(readersNamed('ann'));
        const [ann] = await ledger.claim(id, NOW, 1);
        await ledger.markSending(ann!, NOW, NOW);
        const change = transition(to, {
          tries: 3,
          code: 421,
          enhanced: '4.3.2',
          reply: 'no',
          dueAt: NOW + 5,
        });
        expect(await ledger.settle(ann!, change, NOW)).toBe(true);
        const { to: state, ...rest } = change;
        expect(await stateOf(ledger, id, 'ann')).toMatchObject({ state, ...rest });
      },
    );

    test('twice, or under an old fence, or by another, changes nothing', async () => {
      const { database, ledger, id } = await scene(readersNamed('ann'));
      const [ann] = await ledger.claim(id, NOW, 1);
      const other = await database.open();
      expect(await other.settle(ann!, transition('accepted'), NOW)).toBe(false);
      expect(await ledger.settle(ann!, transition('queued'), NOW)).toBe(true);
      expect(await ledger.settle(ann!, transition('accepted'), NOW)).toBe(false);
      const [again] = await ledger.claim(id, NOW, 1);
      expect(await ledger.settle(ann!, transition('rejected'), NOW), 'an old fence').toBe(false);
      await ledger.markSending(again!, NOW, NOW);
      expect(await ledger.settle(again!, transition('accepted'), NOW)).toBe(true);
      expect(await ledger.settle(again!, transition('queued'), NOW)).toBe(false);
      expect(await stateOf(ledger, id, 'ann')).toMatchObject({ state: 'accepted' });
    });

    test('in a cancelled campaign keeps what is known and queues nothing', async () => {
      const { ledger, id } = await scene(readersNamed('ann', 'bob', 'cyd'));
      const [ann, bob] = await ledger.claim(id, NOW, 2);
      for (const row of [ann!, bob!]) await ledger.markSending(row, NOW, NOW);
      await ledger.setState(id, 'cancelled', 'by hand');
      await ledger.settle(ann!, transition('accepted'), NOW);
      await ledger.settle(bob!, transition('queued'), NOW);
      expect(await ledger.counts(id)).toMatchObject({ accepted: 1, cancelled: 2, queued: 0 });
      await ledger.setState(id, 'running', '');
      expect((await ledger.campaign(id))!.state).toBe('cancelled');
    });
  });

  describe('senders that died', () => {
    test('leave what they claimed queued and what they were sending uncertain', async () => {
      const { database, ledger, id } = await scene(readersNamed('ann', 'bob', 'cyd'));
      const gone = await database.open(dead('gone'));
      await gone.beat(NOW);
      const [ann, bob] = await gone.claim(id, NOW, 2);
      await gone.markSending(ann!, NOW, NOW);
      expect(await ledger.sweep(NOW)).toBe(1);
      expect(await ledger.counts(id)).toMatchObject({ uncertain: 1, queued: 2, claimed: 0, sending: 0 });
      expect(await gone.settle(ann!, transition('accepted'), NOW), 'a late outcome').toBe(false);
      expect(await gone.markSending(bob!, NOW, NOW), 'a late start').toBe(false);
      expect(await ledger.sweep(NOW)).toBe(0);
      expect(await stateOf(ledger, id, 'ann')).toMatchObject({
        state: 'uncertain',
        reply: expect.stringContaining('died'),
      });
    });

    test('are told from those that live', async () => {
      const { database, ledger, id } = await scene();
      const living = await database.open();
      await living.beat(0);
      const [ann] = await living.claim(id, NOW, 1);
      await living.markSending(ann!, NOW, NOW);
      await ledger.claim(id, NOW, 1);
      expect(await ledger.sweep(NOW + 1000 * MINUTE)).toBe(0);
      expect(await ledger.counts(id)).toMatchObject({ sending: 1, claimed: 1 });
    });

    test('on other machines are known by their silence, longer than the wait for a reply', async () => {
      const { database, ledger, id } = await scene();
      const far = await database.open(elsewhere('far'));
      await far.beat(NOW);
      await far.claim(id, NOW, 2);
      await database.silence(10 * MINUTE);
      await ledger.sweep(NOW);
      expect((await ledger.counts(id)).claimed).toBe(2);
      await far.beat(NOW);
      await database.silence(14 * MINUTE);
      await ledger.sweep(NOW);
      expect((await ledger.counts(id)).claimed).toBe(2);
      await database.silence(16 * MINUTE);
      await ledger.sweep(NOW);
      expect((await ledger.counts(id)).claimed).toBe(0);
    });

    test('while they recorded a campaign leave nothing of it, and it can be recorded again', async () => {
      const { database, ledger } = await scene(readersNamed('ann'));
      const gone = await database.open(dead('gone'));
      const cut = Promise.withResolvers<void>();
      const reached = Promise.withResolvers<void>();
      const recording = gone.record(
        campaignOf({ id: 'c2', slug: 'second' }),
        '',
        cutOff(cut.promise, reached),
      );
      recording.catch(() => {});
      await reached.promise;
      // While it lives nobody else records the issue, and nobody sees a part of it.
      expect((await ledger.campaigns()).map(({ id }) => id)).toEqual(['c1']);
      expect(await ledger.claim('c2', NOW, 9)).toEqual([]);
      const again = () => ledger.record(campaignOf({ id: 'c3', slug: 'second' }), '', readersNamed('zoe'));
      expect([await ledger.isRecording('second'), await ledger.isRecording('first')]).toEqual([true, false]);
      await expect(again()).rejects.toThrow(AlreadyPlanned);
      await ledger.sweep(NOW);
      expect(await ledger.readersOf('second')).toEqual(new Set());
      await again();
      cut.resolve();
      await expect(recording, 'who was thought dead cannot add to it').rejects.toThrow(LedgerError);
      expect(await ledger.readersOf('second')).toEqual(new Set(['zoe@example.com']));
      expect(await ledger.counts('c3')).toMatchObject({ queued: 1 });
    });

    test('that closed in the middle are found all the same', async () => {
      const { database, ledger, id } = await scene(readersNamed('ann'));
      const gone = await database.open(dead('gone'));
      await gone.beat(NOW);
      const [ann] = await gone.claim(id, NOW, 1);
      await gone.markSending(ann!, NOW, NOW);
      await gone.close();
      expect(await ledger.sweep(NOW)).toBe(1);
    });
  });

  describe('what is uncertain', () => {
    const uncertain = async () => {
      const found = await scene(readersNamed('ann'));
      const [ann] = await found.ledger.claim(found.id, NOW, 1);
      await found.ledger.markSending(ann!, NOW + 1, NOW);
      await found.ledger.settle(ann!, transition('uncertain'), NOW);
      await found.ledger.setState(found.id, 'finished', '');
      return found;
    };

    test('is never claimed by itself', async () => {
      const { ledger, id } = await uncertain();
      await ledger.setState(id, 'running', '');
      expect(await ledger.claim(id, NOW + 1e9, 9)).toEqual([]);
    });

    test('counts as accepted when told so', async () => {
      const { ledger, id } = await uncertain();
      expect(await ledger.resolve(id, 'accept', NOW)).toBe(1);
      expect(await ledger.counts(id)).toMatchObject({ accepted: 1, uncertain: 0 });
      expect(await ledger.resolve(id, 'accept', NOW)).toBe(0);
    });

    test('is sent again when told so, with the same Date, and the campaign goes on', async () => {
      const { ledger, id } = await uncertain();
      expect(await ledger.resolve(id, 'resend', NOW)).toBe(1);
      expect((await ledger.campaign(id))!.state).toBe('running');
      expect(await ledger.claim(id, NOW, 9)).toMatchObject([{ date: NOW + 1 }]);
    });

    test('of a cancelled campaign is never sent again', async () => {
      const { ledger, id } = await uncertain();
      await ledger.setState(id, 'cancelled', '');
      expect(await ledger.resolve(id, 'resend', NOW)).toBe(0);
      expect(await ledger.counts(id)).toMatchObject({ uncertain: 1 });
    });
  });

  describe('what was rejected', () => {
    /** ann and bob are rejected, cy is accepted, dee waits to be tried again, eve was never tried. */
    const rejected = async () => {
      const found = await scene(readersNamed('ann', 'bob', 'cy', 'dee', 'eve'));
      const [ann, bob, cy, dee] = await found.ledger.claim(found.id, NOW, 4);
      for (const row of [ann, bob, cy, dee]) await found.ledger.markSending(row!, NOW + 1, NOW + 2);
      const no = { code: 550, enhanced: '5.1.1', reply: 'no such user' };
      await found.ledger.settle(ann!, transition('rejected', { ...no, tries: 3 }), NOW + 9);
      await found.ledger.settle(bob!, transition('rejected', no), NOW + 9);
      await found.ledger.settle(cy!, transition('accepted', { reply: 'queued as 4711' }), NOW + 9);
      await found.ledger.settle(
        dee!,
        transition('queued', { code: 450, enhanced: null, reply: 'later' }),
        NOW + 9,
      );
      return { ...found, ann: ann!, bob: bob!, cy: cy! };
    };

    test('is tried again when told so, from the start, and nobody else is', async () => {
      const { ledger, id, ann, cy } = await rejected();
      await ledger.setState(id, 'finished', '');
      expect(await ledger.retry(id, [ann.id, cy.id], NOW + 10)).toBe(1);
      expect((await ledger.campaign(id))!.state).toBe('running');
      expect(await stateOf(ledger, id, 'ann')).toMatchObject({ state: 'queued', tries: 0, dueAt: NOW + 10 });
      expect(await ledger.counts(id)).toMatchObject({ rejected: 1, accepted: 1, queued: 3 });
      expect(await ledger.retry(id, [ann.id, cy.id], NOW + 10)).toBe(0);
      expect(await ledger.retry('another', [2], NOW + 10)).toBe(0);
    });

    test('stays so when the reader is suppressed, or the campaign cancelled', async () => {
      const { ledger, id, ann, bob } = await rejected();
      await ledger.suppress({ key: ann.key, list: null, reason: 'bounced', at: '2027-01-15T08:00:00Z' });
      expect(await ledger.retry(id, [ann.id], NOW)).toBe(0);
      await ledger.setState(id, 'cancelled', '');
      expect(await ledger.retry(id, [bob.id], NOW)).toBe(0);
      expect(await ledger.counts(id)).toMatchObject({ rejected: 2 });
    });

    test('is counted by its reply, and told with when it began and ended', async () => {
      const { ledger, id } = await rejected();
      expect(await ledger.replies(id)).toEqual([
        { state: 'rejected', code: 550, enhanced: '5.1.1', reply: 'no such user', count: 2 },
        { state: 'accepted', code: 250, enhanced: '2.0.0', reply: '', count: 1 },
        { state: 'queued', code: 450, enhanced: null, reply: 'later', count: 1 },
      ]);
      const all = await ledger.history(id);
      expect(all.map(({ state }) => state)).toEqual(['rejected', 'rejected', 'accepted', 'queued', 'queued']);
      expect(all[0]).toMatchObject({ begunAt: NOW + 2, settledAt: NOW + 9 });
      expect(all[4]).toMatchObject({ begunAt: null, settledAt: null });
      expect(named(await ledger.history(id, all[1]!.id, 2))).toEqual(['cy', 'dee']);
      expect(await ledger.history('another')).toEqual([]);
      expect(await ledger.replies('another')).toEqual([]);
    });
  });

  test('deliveries are paged by id', async () => {
    const { ledger, id } = await scene(many(5));
    const first = await ledger.deliveries(id, ['queued'], 0, 3);
    const rest = await ledger.deliveries(id, ['queued'], first.at(-1)!.id, 3);
    expect([first.length, rest.length]).toEqual([3, 2]);
    expect(named([...first, ...rest])).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
  });

  /**
   * Three senders do anything in any order while each is declared dead at any moment, also when it goes on. Whoever was
   * given to the server is never given again unless an outcome said so; what is final stays; counts add up.
   */
  test('whatever senders do, and whenever they are thought dead, nobody is begun twice', async () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom(
        'claim',
        'gate',
        'gate',
        'settle',
        'settle',
        'release',
        'sweep',
        'suppress',
        'pause',
        'run',
      ),
      pick: fc.nat(9),
      to: fc.constantFrom<DeliveryState>('accepted', 'rejected', 'uncertain', 'queued'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const database = await fresh();
        const senders = await Promise.all(['a', 'b', 'c'].map((id) => database.open(dead(id))));
        await senders[0]!.record(campaignOf(), '', many(6));
        const held: Delivery[][] = [[], [], []];
        const begun = new Set<number>();
        const final = new Map<number, DeliveryState>();
        for (const { who, what, pick, to } of steps) {
          const sender = senders[who]!;
          const mine = held[who]!;
          const row = mine[pick % Math.max(mine.length, 1)];
          await sender.beat(NOW);
          if (what === 'claim') {
            const rows = await sender.claim('c1', NOW, 2);
            for (const { id } of rows) {
              expect(begun.has(id), 'claimed while another may have sent it').toBe(false);
              expect(final.has(id), 'claimed after its end').toBe(false);
            }
            mine.push(...rows);
          } else if (what === 'gate' && row) {
            if (await sender.markSending(row, NOW, NOW)) {
              expect(begun.has(row.id), 'begun twice').toBe(false);
              begun.add(row.id);
            }
          } else if (what === 'settle' && row) {
            if (await sender.settle(row, transition(to), NOW)) {
              begun.delete(row.id);
              if (to !== 'queued') final.set(row.id, to);
            }
          } else if (what === 'release') await sender.release('c1');
          else if (what === 'sweep') await sender.sweep(NOW);
          else if (what === 'suppress')
            await sender.suppress({ key: `r${pick}@example.com`, list: null, reason: 'complained', at: '' });
          else if (what === 'pause') await sender.setState('c1', 'paused', '');
          else if (what === 'run') await sender.setState('c1', 'running', '');
          await sender.counts('c1');
        }
        const states = await senders[0]!.deliveries('c1', ['accepted', 'rejected', 'uncertain', 'sending']);
        for (const [id, state] of final) expect(states.find((one) => one.id === id)?.state).toBe(state);
        for (const id of begun)
          expect(['sending', 'uncertain']).toContain(states.find((one) => one.id === id)?.state);
        await Promise.all(senders.map((sender) => sender.close()));
      }),
      { numRuns: 60 },
    );
  });

  describe('reports of what came back', () => {
    test('are handled once, whichever process they come to', async () => {
      const { database, ledger } = await scene();
      const other = await database.open();
      const report = { id: 'a report', at: NOW, soft: ['ann', 'ben'] };
      await Promise.all([ledger, other, ledger].map((one) => one.handleReports([report])));
      await other.handleReports([report, { id: 'one of nobody', at: NOW, soft: [] }]);
      expect(await ledger.handledReports(['a report', 'one of nobody', 'another'])).toEqual(
        new Set(['a report', 'one of nobody']),
      );
      expect(await ledger.handledReports([])).toEqual(new Set());
      expect(await other.softBounces(['ann'], NOW - 1)).toBe(1);
      // Two names of one reader, under an old secret and a new one: one report is one.
      expect(await other.softBounces(['ann', 'ben'], NOW - 1)).toBe(1);
      expect(await other.softBounces(['ann'], NOW)).toBe(0);
      expect(await other.softBounces(['ann'], NOW - 1, ['a report', 'another']), 'but for itself').toBe(0);
      expect(await other.softBounces(['', 'zoe'], 0)).toBe(0);
    });

    test('find every delivery that began, whatever became of it since, and none that did not', async () => {
      const { ledger } = await scene();
      await ledger.record(campaignOf({ id: 'c2', slug: 'second', list: 'daily' }), 'the email', many(2));
      expect(await ledger.deliveriesTo('r1@example.com'), 'only planned').toEqual([]);
      for (const id of ['c1', 'c2'])
        for (const row of await ledger.claim(id, NOW, 2)) await ledger.markSending(row, NOW, NOW);
      const both = [
        { key: 'r1@example.com', campaignId: 'c1', list: 'weekly' },
        { key: 'r1@example.com', campaignId: 'c2', list: 'daily' },
      ];
      expect(await ledger.deliveriesTo('r1@example.com')).toMatchObject(both);
      expect(await ledger.deliveriesTo('r2@example.com'), 'not begun').toEqual([]);
      expect(await ledger.deliveriesTo('zoe@example.com')).toEqual([]);

      const all = await ledger.begunDeliveries();
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort((one, other) => other - one));
      expect(all).toHaveLength(4);
      expect(await ledger.begunDeliveries(all[1]!.id)).toEqual(all.slice(2));
      expect(await ledger.begunDeliveries(all[3]!.id)).toEqual([]);

      // It may have come all the same, and a complaint about it must find its reader.
      for (const row of await ledger.deliveries('c1', ['sending']))
        await ledger.settle(row, transition('uncertain'), NOW);
      await ledger.resolve('c1', 'resend', NOW);
      await ledger.setState('c1', 'cancelled', '');
      expect(await ledger.deliveriesTo('r1@example.com')).toMatchObject(both);
      expect(await ledger.begunDeliveries()).toHaveLength(4);
    });
  });

  test('faults of the database are told as such', () => {
    expect(new AlreadyPlanned('x')).toBeInstanceOf(LedgerError);
  });
}

async function* brokenOff(): AsyncGenerator<PlannedReader> {
  yield* readersNamed('zoe');
  throw new Error('the list broke off');
}

/** More readers than are recorded at once; halts after them until told to go on. */
async function* cutOff(
  until: Promise<void>,
  reached: PromiseWithResolvers<void>,
): AsyncGenerator<PlannedReader> {
  yield* many(1000);
  yield* readersNamed('last');
  reached.resolve();
  await until;
  yield* readersNamed('zoe');
}
