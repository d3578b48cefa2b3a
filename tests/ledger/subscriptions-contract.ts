import { describe, expect, test } from 'vitest';
import type { Confirmation } from '../../src/audience/subscription.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { campaignOf, type Database, NOW, readersNamed } from './contract.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const ANN = 'ann@example.com';
const NEW = 'ann@new.example';
const at = new Date(NOW).toISOString();

const asked = (changes: Partial<Confirmation> = {}): Omit<Confirmation, 'id' | 'usedAt' | 'tries'> => ({
  purpose: 'subscribe',
  key: ANN,
  address: 'ann@Example.com',
  movedFrom: null,
  lists: ['weekly'],
  fields: { name: 'Ann' },
  how: 'form',
  source: 'https://example.com',
  wording: 'I want it',
  askedAt: NOW,
  expiresAt: NOW + DAY,
  ...changes,
});

const given = {
  fields: { name: 'Ann B' },
  wording: 'Shall it be sent?',
  others: ['weekly', 'monthly'],
  erasedKeys: ['#cafe'],
  now: NOW + MINUTE,
};

const place = (list: string, name = 'ann') => ({
  list,
  key: `${name}@example.com`,
  address: `${name}@Example.com`,
  fields: { name },
  since: NOW,
});
const imported = { act: 'given', how: 'import', source: 'old.csv', wording: '' } as const;

/** What every ledger must do for those who come, change and leave, whatever database it is kept in. */
export function subscriptionsContract(fresh: () => Promise<Database>): void {
  const open = async () => (await fresh()).open();
  /** Takes the one confirmation whose mail is due. */
  const take = async (ledger: Ledger, now = NOW) => (await ledger.takeMailDue(now, 10, MINUTE))[0]!;
  const confirmed = async (ledger: Ledger, changes: Partial<Confirmation> = {}, more = {}) => {
    expect(await ledger.ask(asked(changes))).toBe(true);
    return ledger.confirm(await take(ledger, changes.askedAt), { ...given, ...more });
  };
  const suppressionsOf = async (ledger: Ledger, key = ANN) =>
    (await ledger.suppressionsOf(key)).map(({ list, reason }) => `${reason} ${list ?? 'all'}`);

  describe('subscriptions', () => {
    test('are kept with their consent, and brought up to date', async () => {
      const ledger = await open();
      await ledger.subscribe([place('weekly'), place('weekly', 'bob'), place('monthly')], imported);
      const later = { ...place('weekly'), fields: { name: 'Ann', plan: 'pro' }, since: NOW + 1 };
      await ledger.subscribe([later], { ...imported, source: 'new.csv' });
      expect(await ledger.subscriptions('weekly')).toMatchObject([
        { key: ANN, fields: { name: 'Ann', plan: 'pro' }, since: NOW },
        { key: 'bob@example.com' },
      ]);
      const [one] = await ledger.subscriptions('weekly', 0, 1);
      expect(await ledger.subscriptions('weekly', one!.id)).toHaveLength(1);
      expect(await ledger.subscription(one!.id)).toEqual(one);
      expect(await ledger.subscriptionsOf(ANN)).toMatchObject([{ list: 'monthly' }, { list: 'weekly' }]);
      expect(await ledger.subscribedAmong('weekly', [ANN, 'nobody@example.com'])).toEqual([one]);
      expect((await ledger.consentsOf(ANN)).map(({ list, source }) => `${list} ${source}`)).toEqual([
        'weekly old.csv',
        'monthly old.csv',
        'weekly new.csv',
      ]);
      const [first] = await ledger.consents(0, 1);
      expect(await ledger.consents(first!.id)).toHaveLength(3);
      expect(await ledger.unsubscribe('weekly', ANN)).toBe(true);
      expect(await ledger.unsubscribe('weekly', ANN)).toBe(false);
    });

    test('a thousand at once', async () => {
      const ledger = await open();
      const all = Array.from({ length: 1000 }, (_, index) => place('weekly', `r${index}`));
      await ledger.subscribe(all, imported);
      await ledger.subscribe(all, imported);
      expect(await ledger.subscriptions('weekly', 0, 2000)).toHaveLength(1000);
    });
  });

  describe('suppressions', () => {
    test('of many are recorded as those of one are, and all of them can be asked for', async () => {
      const ledger = await open();
      const campaign = campaignOf();
      await ledger.record(campaign, 'e', readersNamed('ann', 'bob', 'cyd'));
      await ledger.suppress({ key: ANN, list: 'weekly', reason: 'left', at });
      const many = Array.from({ length: 1500 }, (_, n) => ({
        key: `r${n}@example.com`,
        list: null,
        reason: 'bounced' as const,
        at,
      }));
      await ledger.suppressAll([...many, { key: ANN, list: 'weekly', reason: 'bounced', at: '' }]);
      await ledger.suppressAll([{ key: 'bob@example.com', list: null, reason: 'manual', at }]);
      const all = await ledger.allSuppressions();
      expect(all).toHaveLength(1502);
      // Of two the first stays.
      expect(all[0]).toEqual({ key: ANN, list: 'weekly', reason: 'left', at });
      expect(all[1]).toEqual({ key: 'bob@example.com', list: null, reason: 'manual', at });
      // Also for those whose mail is under way.
      expect(await ledger.counts(campaign.id)).toMatchObject({ queued: 1, suppressed: 2 });
    });
  });

  describe('a confirmation', () => {
    test('says when a reader last wanted a list', async () => {
      const ledger = await open();
      await ledger.subscribe([place('weekly', 'bob')], imported);
      expect(await confirmed(ledger)).toBe(true);
      const again = { askedAt: NOW + DAY, expiresAt: NOW + 2 * DAY };
      expect(await confirmed(ledger, again, { now: NOW + DAY + 1 })).toBe(true);
      // What an import says is not the reader's own word.
      expect([...(await ledger.confirmed('weekly'))]).toEqual([[ANN, NOW + DAY + 1]]);
      expect([...(await ledger.confirmed('monthly'))]).toEqual([]);
    });

    test('subscribes once, with what the reader said when they confirmed, and both steps are recorded', async () => {
      const ledger = await open();
      await ledger.ask(asked({ lists: ['weekly', 'monthly'] }));
      const waiting = await take(ledger);
      expect(waiting).toMatchObject({ ...asked({ lists: ['weekly', 'monthly'] }), usedAt: null, tries: 1 });
      expect(await ledger.subscriptionsOf(ANN)).toEqual([]);
      const twice = await Promise.all([ledger.confirm(waiting, given), ledger.confirm(waiting, given)]);
      expect(twice.sort()).toEqual([false, true]);
      expect(await ledger.subscriptionsOf(ANN)).toMatchObject([
        { list: 'monthly', address: 'ann@Example.com', fields: { name: 'Ann B' }, since: NOW + MINUTE },
        { list: 'weekly' },
      ]);
      expect(await ledger.consentsOf(ANN)).toMatchObject([
        {
          list: 'weekly',
          act: 'asked',
          how: 'form',
          source: 'https://example.com',
          wording: 'I want it',
          at: NOW,
        },
        { list: 'weekly', act: 'confirmed', how: 'mail', wording: 'Shall it be sent?', at: NOW + MINUTE },
        { list: 'monthly', act: 'asked' },
        { list: 'monthly', act: 'confirmed' },
      ]);
      expect((await ledger.confirmation(waiting.id))!.usedAt).toBe(NOW + MINUTE);
    });

    test('is not good when it is too old, and is forgotten later', async () => {
      const ledger = await open();
      expect(await confirmed(ledger, {}, { now: NOW + DAY })).toBe(false);
      expect(await ledger.subscriptionsOf(ANN)).toEqual([]);
      await ledger.forgetConfirmations(NOW + DAY + 1);
      expect(await ledger.confirmation(1)).toBeNull();
    });

    test('is asked for once in ten minutes and four times a day for one address, whoever asks', async () => {
      const ledger = await open();
      const ask = (minutes: number, key = ANN) => ledger.ask(asked({ key, askedAt: NOW + minutes * MINUTE }));
      const same = await Promise.all([ask(0), ask(0), ask(0)]);
      expect(same.filter(Boolean)).toHaveLength(1);
      expect(await ask(0, 'bob@example.com')).toBe(true);
      expect(await ask(9)).toBe(false);
      for (const minutes of [11, 22, 33]) expect(await ask(minutes)).toBe(true);
      expect(await ask(44)).toBe(false);
      expect(await ask(24 * 60 + 12)).toBe(true);
    });

    test('takes back what the reader had left, but not what others said of them', async () => {
      const ledger = await open();
      const leave = (list: string | null, reason: 'left' | 'unsubscribed' | 'bounced' | 'manual') =>
        ledger.suppress({ key: ANN, list, reason, at });
      await leave('weekly', 'unsubscribed');
      await leave('monthly', 'unsubscribed');
      await confirmed(ledger);
      expect(await suppressionsOf(ledger)).toEqual(['unsubscribed monthly']);

      await leave(null, 'left');
      await confirmed(ledger, { askedAt: NOW + 20 * MINUTE });
      expect(await suppressionsOf(ledger), 'the others stay left').toEqual(['unsubscribed monthly']);

      await leave(null, 'bounced');
      await leave('weekly', 'manual');
      await confirmed(ledger, { askedAt: NOW + 40 * MINUTE });
      expect(await suppressionsOf(ledger)).toEqual(['unsubscribed monthly', 'manual weekly']);
    });

    test('of one who left all is for the lists that it names', async () => {
      const ledger = await open();
      await ledger.suppress({ key: ANN, list: null, reason: 'left', at });
      await confirmed(ledger);
      expect(await suppressionsOf(ledger)).toEqual(['left monthly']);
    });

    test('brings back who was erased', async () => {
      const ledger = await open();
      await ledger.suppress({ key: '#cafe', list: null, reason: 'left', at });
      await confirmed(ledger);
      expect(await suppressionsOf(ledger, '#cafe')).toEqual([]);
      expect(await suppressionsOf(ledger)).toEqual(['left monthly']);
    });
  });

  describe('the mail that asks to confirm', () => {
    test('is taken by one of those who ask, and comes again when nobody says what became of it', async () => {
      const database = await fresh();
      const [one, other] = [await database.open(), await database.open()];
      await one.ask(asked());
      const taken = await Promise.all([one.takeMailDue(NOW, 5, MINUTE), other.takeMailDue(NOW, 5, MINUTE)]);
      expect(taken.flat()).toHaveLength(1);
      expect(await one.takeMailDue(NOW + MINUTE - 1, 5, MINUTE)).toEqual([]);
      const [again] = await other.takeMailDue(NOW + MINUTE, 5, MINUTE);
      expect(again!.tries).toBe(2);
      await one.setMailDue(again!.id, null);
      expect(await one.takeMailDue(NOW + DAY / 2, 5, MINUTE)).toEqual([]);
    });

    test.each([
      ['complained', 0],
      ['manual', 0],
      ['bounced', 1],
      ['left', 1],
    ] as const)('to one whose address is suppressed as %s: %i', async (reason, mails) => {
      const ledger = await open();
      await ledger.suppress({ key: ANN, list: null, reason, at });
      await ledger.ask(asked());
      expect(await ledger.takeMailDue(NOW, 5, MINUTE)).toHaveLength(mails);
    });

    test('is not sent when it is too late', async () => {
      const ledger = await open();
      await ledger.ask(asked());
      expect(await ledger.takeMailDue(NOW + DAY, 5, MINUTE)).toEqual([]);
    });
  });

  describe('one reader', () => {
    /** Had mail of two lists, left one, and subscribed to a third. */
    const scene = async () => {
      const ledger = await open();
      await ledger.record(campaignOf(), 'email', readersNamed('ann', 'bob'));
      await ledger.record(
        campaignOf({ id: 'c2', slug: 'second', list: 'monthly' }),
        'email',
        readersNamed('ann', 'bob'),
      );
      await ledger.subscribe([place('daily')], imported);
      await ledger.suppress({ key: ANN, list: 'monthly', reason: 'unsubscribed', at });
      return ledger;
    };

    test('is found by a delivery', async () => {
      const ledger = await scene();
      const [row] = await ledger.deliveries('c1', ['queued']);
      expect(await ledger.delivery(row!.id)).toEqual({
        id: row!.id,
        campaignId: 'c1',
        list: 'weekly',
        key: ANN,
        address: 'ann@Example.com',
        fields: { name: 'ann', plan: 'pro' },
      });
      expect(await ledger.delivery(999)).toBeNull();
    });

    test('is on the lists that they had mail of or subscribed to', async () => {
      const ledger = await scene();
      const lists = (await ledger.memberships(ANN)).map(({ list, active }) => `${list} ${active}`);
      expect(lists).toEqual(['daily true', 'monthly false', 'weekly true']);
      expect(await ledger.memberships('nobody@example.com')).toEqual([]);
    });

    test('changes their fields wherever they are, those of a file too', async () => {
      const ledger = await scene();
      await ledger.setFields(ANN, { name: 'Anne' }, NOW + 5);
      expect(await ledger.subscriptionsOf(ANN)).toMatchObject([
        { list: 'daily', fields: { name: 'Anne' }, since: NOW },
        { list: 'weekly', fields: { name: 'Anne', plan: 'pro' }, since: NOW + 5 },
      ]);
      expect(await ledger.memberships(ANN)).toMatchObject([
        {},
        { fields: { name: 'ann' } },
        { fields: { name: 'Anne' } },
      ]);
    });

    test('who leaves by their own act has that recorded, once', async () => {
      const ledger = await open();
      const left = { key: ANN, list: 'weekly', reason: 'unsubscribed', at } as const;
      await Promise.all([ledger.suppress(left, 'one-click'), ledger.suppress(left, 'one-click')]);
      await ledger.suppress({ ...left, list: null, reason: 'bounced' });
      expect(await ledger.consentsOf(ANN)).toMatchObject([
        { act: 'left', list: 'weekly', how: 'one-click', at: NOW },
      ]);
    });

    test('moves: all that they get goes to the new address, nothing to the old', async () => {
      const ledger = await scene();
      await ledger.ask(
        asked({ purpose: 'move', key: NEW, address: NEW, movedFrom: ANN, lists: [], fields: {} }),
      );
      expect(await ledger.confirm(await take(ledger), { ...given, fields: {} })).toBe(true);
      expect((await ledger.subscriptionsOf(NEW)).map(({ list }) => list)).toEqual(['daily', 'weekly']);
      expect(await ledger.subscriptionsOf(ANN)).toEqual([]);
      expect(await suppressionsOf(ledger)).toEqual(['left all', 'unsubscribed monthly']);
      expect(await ledger.counts('c1')).toMatchObject({ suppressed: 1, queued: 1 });
      expect(await ledger.consentsOf(NEW)).toMatchObject([
        { act: 'asked' },
        { act: 'moved', list: 'daily' },
        {},
        { act: 'moved', list: 'weekly' },
      ]);
    });

    test('is erased: nothing names them, counts add up, and the hash stays suppressed', async () => {
      const ledger = await scene();
      await ledger.ask(asked());
      const [claimed] = await ledger.claim('c1', NOW, 1);
      expect(claimed!.key).toBe(ANN);
      await ledger.erase(ANN, '#beef', NOW);
      expect(await ledger.markSending(claimed!, NOW, NOW)).toBe(false);
      for (const rows of Object.values(await ledger.dataOf(ANN))) expect(rows).toEqual([]);
      expect(await ledger.counts('c1')).toMatchObject({ suppressed: 1, queued: 1 });
      expect(await suppressionsOf(ledger, '#beef')).toEqual(['left all']);
      expect(JSON.stringify(await ledger.dataOf('#beef'))).not.toContain('ann');
      expect((await ledger.suppressions('weekly')).get('#beef')).toBe('left');
      expect((await ledger.consentsOf('#beef')).map(({ act }) => act)).toEqual(['given', 'erased']);
      expect(await ledger.delivery(claimed!.id)).toMatchObject({ key: '#beef', address: '' });
    });

    test('is erased a second time, after they came back and had the same issue', async () => {
      const ledger = await scene();
      await ledger.erase(ANN, '#beef', NOW);
      await ledger.setState('c1', 'finished', '');
      await ledger.record(campaignOf({ id: 'c3' }), 'email', readersNamed('ann'));
      await ledger.erase(ANN, '#beef', NOW);
      for (const rows of Object.values(await ledger.dataOf(ANN))) expect(rows).toEqual([]);
      expect(await ledger.counts('c3')).toMatchObject({ suppressed: 1 });
    });

    test('sees all that is kept about them', async () => {
      const ledger = await scene();
      const data = await ledger.dataOf(ANN);
      expect(Object.fromEntries(Object.entries(data).map(([name, rows]) => [name, rows.length]))).toEqual({
        subscriptions: 1,
        suppressions: 1,
        consents: 1,
        confirmations: 0,
        deliveries: 2,
      });
      expect(JSON.stringify(data)).not.toContain('bob');
    });
  });
}
