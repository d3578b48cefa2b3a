import { describe, expect, test } from 'vitest';
import { linkSigner } from '../../src/audience/links.ts';
import { suppressedName } from '../../src/audience/suppressed-file.ts';
import { type Policy, type RawMessage, readAll, type Tally, takeIn } from '../../src/bounce/take-in.ts';
import { openIntake } from './open-intake.ts';
import {
  CAMPAIGN,
  complaint,
  letter,
  nameOf,
  POLICY,
  pathOf,
  report,
  returned,
  SECRET,
  written,
} from './written.ts';

const ANN = 'ann@mailbox.example';
const BEN = 'ben@firm.example';
const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 25, 12);

/** Readers whom we wrote to, and what follows from messages. */
async function newsletter(keys: readonly string[] = [ANN, BEN]) {
  let now = NOON;
  const { ledger, ports, told, searched } = await openIntake(keys, () => now);
  const handled: number[] = [];
  const run = (
    messages: readonly (Uint8Array | { bytes: Uint8Array; envelope: string[] })[],
    policy: Partial<Policy> = {},
  ): Promise<Tally> =>
    takeIn(
      readAll(
        (async function* (): AsyncGenerator<RawMessage> {
          for (const [at, message] of messages.entries())
            yield {
              ...('bytes' in message ? message : { bytes: message, envelope: [] }),
              handled: async () => void handled.push(at),
            };
        })(),
      ),
      { ...POLICY, trusted: false, soft: { most: 3, within: 10 * DAY }, ...policy },
      ports,
    );
  return { run, ledger, ports, suppressed: told, searched, handled, later: (ms: number) => (now += ms) };
}

const full = (key: string, day: number) =>
  report({
    key,
    subject: `Full ${day}`,
    status: [`Final-Recipient: rfc822; ${key}`, 'Action: failed', 'Status: 5.2.2'],
  });

describe('a reader is recognised', () => {
  const bare = { returned: ['From: news@news.example.com', '', 'words'] };

  test('by the name in the reverse-path', async () => {
    const news = await newsletter();
    const tally = await news.run([report({ key: ANN, ...bare })]);
    expect(news.suppressed).toEqual([
      { key: ANN, list: null, reason: 'bounced', at: new Date(NOON).toISOString() },
    ]);
    expect(tally).toMatchObject({ read: 1, kinds: { bounce: 1 }, kept: 0 });
  });

  test('by a name that an older secret made', async () => {
    const news = await newsletter();
    await news.run([report({ key: ANN, ...bare })], {
      linkSecrets: ['a new secret of the tests', SECRET],
    });
    expect(news.suppressed.map(({ key }) => key)).toEqual([ANN]);
  });

  test('by the recipient that the mail server tells', async () => {
    const news = await newsletter();
    await news.run([
      { bytes: report({ key: ANN, to: 'us@news.example.com', ...bare }), envelope: [pathOf(ANN)] },
    ]);
    expect(news.suppressed.map(({ key }) => key)).toEqual([ANN]);
  });

  test('though a server wrote the reverse-path in capitals', async () => {
    const news = await newsletter();
    await news.run([report({ key: ANN, to: pathOf(ANN).toUpperCase(), ...bare })]);
    expect(news.suppressed.map(({ key }) => key)).toEqual([ANN]);
  });

  test('by the Message-ID of what came back', async () => {
    const news = await newsletter();
    await news.run([report({ key: ANN, to: 'us@news.example.com', returned: returned(ANN).slice(1) })]);
    expect(news.suppressed.map(({ key }) => key)).toEqual([ANN]);
  });

  test('by the name, though the mail was forwarded to an address that we do not know', async () => {
    const news = await newsletter();
    await news.run([
      report({
        key: ANN,
        status: ['Final-Recipient: rfc822; x@elsewhere.example', 'Action: failed', 'Status: 5.1.1'],
      }),
    ]);
    expect(news.suppressed.map(({ key }) => key)).toEqual([ANN]);
  });

  test('all deliveries are looked through for those alone that name none of ours, once for all of them', async () => {
    const news = await newsletter();
    await news.run([report({ key: ANN }), full(BEN, 1)]);
    expect(news.searched.times, 'the address says whose it is').toBe(0);
    const elsewhere = (address: string) => [
      `Final-Recipient: rfc822; ${address}`,
      'Action: failed',
      'Status: 5.1.1',
    ];
    await news.run([
      report({ key: ANN, subject: 'Forwarded', status: elsewhere('x@elsewhere.example') }),
      report({ key: BEN, subject: 'Forwarded', status: elsewhere('y@elsewhere.example') }),
    ]);
    expect(news.searched.times).toBe(1);
    expect(news.suppressed.map(({ key }) => key)).toEqual([ANN, ANN, BEN]);
  });

  test('by the address alone in the configured mailbox, and nowhere else', async () => {
    const message = report({ key: ANN, to: 'us@news.example.com', ...bare });
    const stranger = await newsletter();
    expect((await stranger.run([message])).nothing).toEqual({ 'it names nobody whom we wrote to': 1 });
    expect(stranger.suppressed).toEqual([]);
    const own = await newsletter();
    await own.run([message], { trusted: true });
    expect(own.suppressed.map(({ key }) => key)).toEqual([ANN]);
  });
});

describe('a forged bounce does nothing', () => {
  const nobody: [string, Buffer][] = [
    [
      'with a made-up name',
      report({ key: ANN, to: `bounce+${'0'.repeat(32)}@news.example.com`, returned: [] }),
    ],
    [
      'with a name made by a reader, who knows the campaign but not the secret',
      report({
        key: ANN,
        to: `bounce+${nameOf(ANN, null)}@news.example.com`,
        returned: [
          'From: a@b.example',
          `Message-ID: <${nameOf(ANN, null)}.${CAMPAIGN}@news.example.com>`,
          '',
          'x',
        ],
      }),
    ],
    ['for a reader whom we never wrote to', report({ key: 'zoe@never.example' })],
    ['a complaint about a stranger', complaint('zoe@never.example')],
  ];
  test.each(nobody)('%s, not even in the configured mailbox', async (_what, bytes) => {
    const news = await newsletter();
    await news.run([bytes], { trusted: true });
    expect(news.suppressed).toEqual([]);
    expect(news.handled, 'and is handled').toEqual([0]);
  });
});

describe('what follows', () => {
  test('complaints suppress always, on every list', async () => {
    const news = await newsletter();
    await news.run([complaint(BEN)]);
    expect(news.suppressed).toMatchObject([{ key: BEN, list: null, reason: 'complained' }]);
  });

  test('soft bounces count, and the third in ten days suppresses', async () => {
    const news = await newsletter();
    for (const day of [1, 2]) {
      await news.run([full(ANN, day)]);
      news.later(DAY);
    }
    expect(news.suppressed).toEqual([]);
    expect(await news.run([full(ANN, 3)])).toMatchObject({ soft: 1 });
    expect(news.suppressed).toMatchObject([{ key: ANN, reason: 'bounced' }]);
  });

  test('soft bounces long ago are forgotten, and those of others do not count', async () => {
    const news = await newsletter();
    for (const day of [1, 2, 3, 4]) {
      await news.run([full(ANN, day)]);
      news.later(6 * DAY);
    }
    await news.run([full(BEN, 1), full(BEN, 2)]);
    expect(news.suppressed).toEqual([]);
  });

  test('three soft bounces within one run count as well', async () => {
    const news = await newsletter();
    await news.run([full(ANN, 1), full(ANN, 2), full(ANN, 3)]);
    expect(news.suppressed).toHaveLength(1);
  });

  test('three copies of one soft bounce are one', async () => {
    const news = await newsletter();
    expect(await news.run([full(ANN, 1), full(ANN, 1), full(ANN, 1)])).toMatchObject({ read: 3, soft: 1 });
    expect(news.suppressed).toEqual([]);
    expect(news.handled).toEqual([0, 1, 2]);
  });

  test('more than are taken in at once count as well', async () => {
    const news = await newsletter();
    const away = Array.from({ length: 1000 }, (_, at) =>
      letter({ From: ANN, To: pathOf(ANN), 'Auto-Submitted': 'auto-replied', Subject: `Away ${at}` }),
    );
    const tally = await news.run([full(ANN, 1), full(ANN, 2), ...away, full(ANN, 3), full(BEN, 1)]);
    expect(tally).toMatchObject({ read: 1004, soft: 4, nothing: { 'an automatic reply': 1000 } });
    expect(news.suppressed.map(({ key }) => key)).toEqual([ANN]);
    expect(news.handled).toHaveLength(1004);
  });

  test('delays and automatic replies do nothing and are put away', async () => {
    const news = await newsletter();
    const delay = written.find(({ kind }) => kind === 'delay')!.bytes;
    const away = letter({ From: ANN, To: pathOf(ANN), 'Auto-Submitted': 'auto-replied', Subject: 'Away' });
    expect(await news.run([delay, away])).toMatchObject({
      nothing: { 'nothing failed, or not yet': 1, 'an automatic reply': 1 },
      kept: 0,
    });
    expect(news.suppressed).toEqual([]);
    expect(news.handled).toEqual([0, 1]);
  });

  test('letters and what cannot be read stay, unmarked and counted, run after run', async () => {
    const news = await newsletter();
    const messages = [letter({ From: ANN, Subject: 'Hello' }), Buffer.from('\0\0\0')];
    for (const _run of [1, 2])
      expect(await news.run(messages)).toMatchObject({ kept: 2, kinds: { letter: 1, unreadable: 1 } });
    expect(news.handled).toEqual([]);
  });
});

describe('a request to unsubscribe by mail', () => {
  const link = (purpose: 'live' | 'test', key: string, secret = SECRET, row = 1) =>
    linkSigner(secret, { list: 'weekly', key })({ purpose, action: 'unsubscribe', row });
  const ask = (subject: string, from = 'friend@elsewhere.example') =>
    letter({ From: from, To: 'leave@news.example.com', Subject: subject });

  test('with the signed link of the mail is done for its list, whoever sends it', async () => {
    const news = await newsletter();
    await news.run([ask(`unsubscribe ${link('live', ANN)}`)]);
    expect(news.suppressed).toMatchObject([{ key: ANN, list: 'weekly', reason: 'unsubscribed' }]);
  });

  test.each([
    ['a test', `unsubscribe ${link('test', ANN)}`],
    ['another secret', `unsubscribe ${link('live', ANN, 'the secret of somebody else')}`],
    ['another reader’s delivery', `unsubscribe ${link('live', ANN, SECRET, 2)}`],
    ['a link cut short', `unsubscribe ${link('live', ANN).slice(0, -4)}`],
    ['nobody', 'unsubscribe'],
  ])('with the link of %s changes nothing', async (_what, subject) => {
    const news = await newsletter();
    await news.run([ask(subject)]);
    expect(news.suppressed).toEqual([]);
  });

  test('without a link is believed in the configured mailbox only', async () => {
    const request = ask('unsubscribe weekly', `Ann <${ANN}>`);
    const stranger = await newsletter();
    expect(await stranger.run([request])).toMatchObject({ kept: 1 });
    expect(stranger.suppressed).toEqual([]);
    const own = await newsletter();
    await own.run([request], { trusted: true });
    expect(own.suppressed).toMatchObject([{ key: ANN, list: 'weekly', reason: 'unsubscribed' }]);
  });
});

describe('each message is handled once', () => {
  test('also when it comes again, in the same run or another', async () => {
    const news = await newsletter();
    await news.run([full(ANN, 1), full(ANN, 1)]);
    expect(await news.run([full(ANN, 1), full(ANN, 1)])).toMatchObject({ again: 2, soft: 0 });
    expect(news.suppressed).toEqual([]);
    expect(await news.ledger.softBounces([suppressedName(SECRET, ANN)], 0)).toBe(1);
    expect(news.handled, 'all are put away').toHaveLength(4);
  });

  // Suppressions, reports, four marks: whichever of these is the last.
  test.each(Array.from({ length: 7 }, (_, steps) => steps))(
    'when it dies after %i steps, running it again comes to the same end',
    async (steps) => {
      const { ports, ledger, suppressed } = await newsletter();
      const inbox = new Set([full(ANN, 1), report({ key: BEN }), full(ANN, 2), full(ANN, 3)]);
      let left = steps;
      const step = () => {
        if (left === 0) throw new Error('died');
        left -= 1;
      };
      const run = () =>
        takeIn(
          readAll(
            (async function* () {
              for (const bytes of [...inbox])
                yield {
                  bytes,
                  envelope: [],
                  async handled() {
                    step();
                    inbox.delete(bytes);
                  },
                };
            })(),
          ),
          { ...POLICY, trusted: false, soft: { most: 3, within: DAY } },
          {
            ...ports,
            async suppress(suppressions) {
              step();
              await ports.suppress(suppressions);
            },
            async handleReports(reports) {
              step();
              await ports.handleReports(reports);
            },
          },
        );
      await run().catch(() => {});
      left = Number.POSITIVE_INFINITY;
      await run();
      expect(new Set(suppressed.map(({ key }) => key))).toEqual(new Set([ANN, BEN]));
      expect(inbox.size).toBe(0);
      expect(await ledger.softBounces([suppressedName(SECRET, ANN)], 0)).toBe(3);
      expect(await ledger.softBounces([ANN], 0), 'no address is kept').toBe(0);
    },
  );
});
