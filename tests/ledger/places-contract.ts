import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/campaign/campaign.ts';
import type { PlaceAnswer, PlaceAsk } from '../../src/campaign/place.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { campaignOf, type Database, dead, many, NOW } from './contract.ts';

export const UNLIMITED = { perSecond: null, perMinute: null, perHour: null, perDay: null };

export const ask = (limits: Partial<PlaceAsk['limits']>, changes: Partial<PlaceAsk> = {}): PlaceAsk => ({
  relay: 'relay',
  domain: 'example.com',
  domainLimits: null,
  ...changes,
  limits: { ...UNLIMITED, connections: 5, warmUp: null, ...limits },
});

export const placeOf = (answer: PlaceAnswer): number => {
  if (!('place' in answer)) throw new Error(`no place: ${answer.full} is full for ${answer.wait} ms`);
  return answer.place;
};

/** Limits that processes share, whatever database they share. */
export function placesContract(fresh: () => Promise<Database>): void {
  const scene = async () => {
    const database = await fresh();
    const ledger = await database.open();
    await ledger.record(campaignOf(), 'the email', many(3));
    await ledger.beat(NOW);
    return { database, ledger };
  };
  const taken = async (ledger: Ledger, ...asks: readonly PlaceAsk[]) => {
    const answers = [];
    for (const one of asks) answers.push('place' in (await ledger.takePlace(one, NOW)));
    return answers;
  };

  describe('places', () => {
    test('are as many as the limit says, for all senders together, and free again when given back', async () => {
      const { database, ledger } = await scene();
      const other = await database.open();
      const three = ask({ perDay: 3 });
      const first = placeOf(await ledger.takePlace(three, NOW));
      expect(await taken(other, three)).toEqual([true]);
      expect(await taken(ledger, three, three)).toEqual([true, false]);
      expect(await other.takePlace(three, NOW)).toMatchObject({ full: 'relay' });
      await ledger.givePlaceBack(first);
      await ledger.givePlaceBack(first);
      expect(await taken(other, three, three)).toEqual([true, false]);
    });

    test('of twenty who ask at once five get one, when there are five', async () => {
      const { database, ledger } = await scene();
      const other = await database.open();
      const asks = Array.from({ length: 20 }, (_, n) =>
        [ledger, other][n % 2]!.takePlace(ask({ perHour: 5 }), NOW),
      );
      expect((await Promise.all(asks)).filter((answer) => 'place' in answer)).toHaveLength(5);
    });

    test('are of a relay and of a domain, each by itself', async () => {
      const { ledger } = await scene();
      const gmail = { domain: 'gmail.com', domainLimits: { ...UNLIMITED, perMinute: 1 } };
      expect(await taken(ledger, ask({ perDay: 2 }, gmail))).toEqual([true]);
      expect(await ledger.takePlace(ask({ perDay: 2 }, gmail), NOW)).toMatchObject({ full: 'domain' });
      expect(await taken(ledger, ask({ perDay: 2 }), ask({ perDay: 2 }))).toEqual([true, false]);
      expect(await taken(ledger, ask({ perDay: 2 }, { relay: 'other' }))).toEqual([true]);
    });

    test('are used for good when the message begins, and free when it is settled without', async () => {
      const { ledger } = await scene();
      const two = ask({ perDay: 2 });
      const [ann, bob] = await ledger.claim('c1', NOW, 2);
      const [began, failed] = [
        placeOf(await ledger.takePlace(two, NOW)),
        placeOf(await ledger.takePlace(two, NOW)),
      ];
      expect(await ledger.markSending(ann!, NOW, NOW, began)).toBe(true);
      const settled = { tries: 1, dueAt: NOW, code: 250, enhanced: null, reply: '' };
      await ledger.settle(ann!, { to: 'accepted', ...settled }, NOW, began);
      await ledger.settle(bob!, { to: 'rejected', ...settled }, NOW, failed);
      await ledger.givePlaceBack(began);
      expect(await taken(ledger, two, two)).toEqual([true, false]);
      expect(await ledger.begunThere('relay', 'relay', 0)).toHaveLength(1);
      expect(await ledger.begunThere('domain', 'example.com', 0)).toHaveLength(1);
      expect(await ledger.begunThere('domain', 'gmail.com', 0)).toEqual([]);
    });

    test('of who ends, and of who died, are free; those of messages that began are not', async () => {
      const { database, ledger } = await scene();
      const gone = await database.open(dead('gone'));
      await gone.beat(NOW);
      const four = ask({ perDay: 4 });
      const [ann] = await gone.claim('c1', NOW, 1);
      await gone.markSending(ann!, NOW, NOW, placeOf(await gone.takePlace(four, NOW)));
      expect(await taken(gone, four)).toEqual([true]);
      expect(await taken(ledger, four, four, four)).toEqual([true, true, false]);
      await ledger.sweep(NOW);
      expect(await taken(ledger, four, four)).toEqual([true, false]);
      await ledger.release('c1');
      expect(await taken(ledger, four, four, four, four)).toEqual([true, true, true, false]);
    });

    test('grow with a warm-up from the first message on', async () => {
      const { ledger } = await scene();
      const warming = ask({ perDay: 100, warmUp: { from: null, days: [1, 5] } });
      expect(await ledger.firstBegun('relay')).toBeNull();
      const [ann] = await ledger.claim('c1', NOW, 1);
      await ledger.markSending(ann!, NOW, NOW, placeOf(await ledger.takePlace(warming, NOW)));
      expect(await taken(ledger, warming)).toEqual([false]);
      expect(await ledger.firstBegun('relay')).not.toBeNull();
      const done = ask({ perDay: 100, warmUp: { from: '2020-01-01', days: [1, 5] } });
      expect(await taken(ledger, done)).toEqual([true]);
    });
  });

  describe('who may be claimed', () => {
    const readers = [
      'ann@gmail.com',
      'bob@mail.example',
      'cyd@gmail.com',
      'a@b@odd.example',
      'eve@xgmail.com',
    ];
    const planned = readers.map((key) => ({ address: key, key, fields: {} }));

    test('is nobody of the domains that are left out, and all others in their order', async () => {
      const database = await fresh();
      const ledger = await database.open();
      await ledger.record(campaignOf(), '', planned);
      const keys = async (limit: number, ...except: string[]) =>
        (await ledger.claim('c1', NOW, limit, except)).map(({ key }) => key);
      expect(await ledger.openByDomain('c1')).toEqual(
        new Map([
          ['gmail.com', 2],
          ['mail.example', 1],
          ['odd.example', 1],
          ['xgmail.com', 1],
        ]),
      );
      expect(await keys(2, 'gmail.com', 'odd.example')).toEqual(['bob@mail.example', 'eve@xgmail.com']);
      expect(await ledger.nextDue('c1', ['gmail.com', 'odd.example'])).toBeNull();
      expect(await ledger.nextDue('c1', ['gmail.com'])).toBe(NOW);
      expect(await keys(9, 'odd.example')).toEqual(['ann@gmail.com', 'cyd@gmail.com']);
      expect(await keys(9)).toEqual(['a@b@odd.example']);
    });

    test('behind a row is whoever is due then or later, in order', async () => {
      const { ledger } = await scene();
      const rows = await ledger.claim('c1', NOW, 9);
      const later = { to: 'queued', tries: 1, dueAt: NOW + 5, code: 450, enhanced: null, reply: '' } as const;
      await ledger.settle(rows[0]!, later, NOW);
      await ledger.release('c1');
      const behind = async (row: Delivery, now: number) =>
        (await ledger.claim('c1', now, 9, [], row)).map(({ id }) => id);
      expect(await behind(rows[1]!, NOW)).toEqual([rows[2]!.id]);
      expect(await behind(rows[1]!, NOW + 5)).toEqual([rows[0]!.id]);
      expect((await ledger.claim('c1', NOW, 9)).map(({ id }) => id)).toEqual([rows[1]!.id]);
    });
  });

  describe('settling', () => {
    const settled = { tries: 1, dueAt: NOW, code: 550, enhanced: '5.1.1', reply: 'gone' };

    test('of a dead address suppresses it on all lists, in every campaign', async () => {
      const { ledger } = await scene();
      await ledger.record(campaignOf({ id: 'c2', slug: 'second', list: 'other' }), '', many(1));
      const [first] = await ledger.claim('c1', NOW, 1);
      expect(await ledger.settle(first!, { to: 'rejected', ...settled, bounced: true }, NOW)).toBe(true);
      expect(await ledger.suppressions('any')).toEqual(new Map([[first!.key, 'bounced']]));
      expect(await ledger.counts('c2')).toMatchObject({ suppressed: 1 });
      expect(await ledger.counts('c1')).toMatchObject({ rejected: 1, queued: 2 });
    });

    test('too late, under an old fence, suppresses nobody', async () => {
      const { ledger } = await scene();
      const [first] = await ledger.claim('c1', NOW, 1);
      await ledger.release('c1');
      expect(await ledger.settle(first!, { to: 'rejected', ...settled, bounced: true }, NOW)).toBe(false);
      expect((await ledger.suppressions('any')).size).toBe(0);
    });

    test('as rejected can be taken back, once, with the tries that were counted', async () => {
      const { ledger } = await scene();
      const [first] = await ledger.claim('c1', NOW, 1);
      await ledger.settle(first!, { to: 'rejected', ...settled }, NOW);
      await ledger.putBack([first!], NOW + 1);
      const [again] = await ledger
        .claim('c1', NOW + 1, 9)
        .then((rows) => rows.filter(({ id }) => id === first!.id));
      expect(again).toMatchObject({ tries: 1, dueAt: NOW + 1 });
      await ledger.putBack([first!], NOW + 1);
      expect(await ledger.counts('c1')).toMatchObject({ claimed: 3 });
    });
  });

  test('who is due later than anybody can be is due now', async () => {
    const { ledger } = await scene();
    const rows = await ledger.claim('c1', NOW, 2);
    const later = (dueAt: number) =>
      ({ to: 'queued', tries: 1, dueAt, code: 450, enhanced: null, reply: '' }) as const;
    await ledger.settle(rows[0]!, later(NOW + 50), NOW);
    await ledger.settle(rows[1]!, later(NOW + 500), NOW);
    await ledger.hasten('c1', NOW, NOW + 100);
    expect((await ledger.claim('c1', NOW, 9)).map(({ id }) => id)).toEqual([rows[1]!.id, 3].sort());
    expect(await ledger.nextDue('c1')).toBe(NOW + 50);
  });
}
