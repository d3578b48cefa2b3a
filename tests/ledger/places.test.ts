import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Delivery } from '../../src/campaign/campaign.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { snapshot } from '../../src/ledger/snapshot.ts';
import { thisProcess } from '../../src/ledger/this-process.ts';
import type { Rate } from '../../src/newsletter.ts';
import { campaignOf, many, NOW } from './contract.ts';
import { ask } from './places-contract.ts';

const LENGTHS = { perSecond: 1000, perMinute: 60_000, perHour: 3_600_000, perDay: 86_400_000 } as const;
const DAY = LENGTHS.perDay;

/** The first window that holds more than its limit, in words; null: none does. */
function overrun(limits: Rate, times: readonly number[]): string | null {
  for (const [name, length] of Object.entries(LENGTHS)) {
    const most = limits[name as keyof Rate];
    if (most === null) continue;
    for (const end of times) {
      const inside = times.filter((at) => at > end - length && at <= end).length;
      if (inside > most) return `${inside} ${name} up to ${end}`;
    }
  }
  return null;
}

const limit = (most: number) => fc.option(fc.integer({ min: 1, max: most }), { freq: 2 });
const rate = fc.record({ perSecond: limit(3), perMinute: limit(5), perHour: limit(7), perDay: limit(9) });
const who = fc.nat(1);
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ wait: fc.constantFrom(1, 50, 333, 999, 1000, 1001, 60_000, 3_600_000) }),
    },
    { weight: 8, arbitrary: fc.record({ take: who, gmail: fc.boolean() }) },
    { weight: 7, arbitrary: fc.record({ begin: who }) },
    { weight: 1, arbitrary: fc.record({ giveBack: who }) },
    { weight: 1, arbitrary: fc.record({ restart: who }) },
    { weight: 1, arbitrary: fc.record({ clock: fc.constantFrom(-DAY, -LENGTHS.perHour, DAY, 2 * DAY) }) },
  ),
  { minLength: 20, maxLength: 60 },
);

/** The number of cases: TRIALS=1000 looks harder. */
const numRuns = Number(process.env.TRIALS ?? 40);

test('no window of a relay or a domain ever holds one message too many: two processes, restarts, clocks set by a day', async () => {
  let begun = 0;
  await fc.assert(
    fc.asyncProperty(rate, rate, steps, async (relay, gmail, script) => {
      const folder = mkdtempSync(join(tmpdir(), 'broadsheet-places-'));
      const path = join(folder, 'ledger.sqlite');
      // What has really passed, and what the clock says.
      let passed = 0;
      let wrong = 0;
      const now = () => NOW + passed + wrong;
      const open = () => openLedger(path, { ...thisProcess(), uptime: () => 5_000_000 + passed });
      const senders: { ledger: Ledger; places: { place: number; gmail: boolean }[] }[] = [];
      for (let n = 0; n < 2; n += 1) senders.push({ ledger: await open(), places: [] });
      const times: { at: number; gmail: boolean }[] = [];
      try {
        await senders[0]!.ledger.record(campaignOf({ createdAt: 0 }), '', many(60));
        const rows: Delivery[] = [];
        for (const step of script) {
          if ('wait' in step) passed += step.wait;
          if ('clock' in step) wrong += step.clock;
          if ('take' in step) {
            const { ledger, places } = senders[step.take]!;
            const asked = ask(relay, step.gmail ? { domain: 'gmail.com', domainLimits: gmail } : {});
            const answer = await ledger.takePlace(asked, now());
            if ('place' in answer) places.push({ place: answer.place, gmail: step.gmail });
            else expect(answer.wait).toBeGreaterThan(0);
          }
          if ('begin' in step) {
            const { ledger, places } = senders[step.begin]!;
            const one = places.shift();
            if (!one) continue;
            rows.push(...(await ledger.claim('c1', now(), 1)));
            expect(await ledger.markSending(rows.at(-1)!, now(), now(), one.place)).toBe(true);
            times.push({ at: passed, gmail: one.gmail });
          }
          if ('giveBack' in step) {
            const { ledger, places } = senders[step.giveBack]!;
            const one = places.pop();
            if (one) await ledger.givePlaceBack(one.place);
          }
          if ('restart' in step) {
            const sender = senders[step.restart]!;
            await sender.ledger.release('c1');
            await sender.ledger.close();
            senders[step.restart] = { ledger: await open(), places: [] };
          }
        }
        begun += times.length;
        expect(
          overrun(
            relay,
            times.map(({ at }) => at),
          ),
          'relay',
        ).toBeNull();
        expect(
          overrun(
            gmail,
            times.filter((one) => one.gmail).map(({ at }) => at),
          ),
          'domain',
        ).toBeNull();
      } finally {
        for (const { ledger } of senders) await ledger.close();
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns },
  );
  expect(begun, 'messages that began').toBeGreaterThan(numRuns);
}, 120_000);

test('a place is there at the very instant that was named, and a millisecond sooner would be one too many', async () => {
  await fc.assert(
    fc.asyncProperty(rate, fc.array(fc.nat(2000), { minLength: 8, maxLength: 20 }), async (limits, waits) => {
      const folder = mkdtempSync(join(tmpdir(), 'broadsheet-places-'));
      let passed = 0;
      const identity = { ...thisProcess(), uptime: () => passed };
      const ledger = await openLedger(join(folder, 'ledger.sqlite'), identity);
      const times: number[] = [];
      try {
        await ledger.record(campaignOf({ createdAt: 0 }), '', many(waits.length));
        const begin = async (place: number) => {
          const [row] = await ledger.claim('c1', NOW + passed, 1);
          await ledger.markSending(row!, NOW, NOW + passed, place);
          times.push(passed);
        };
        for (const wait of waits) {
          passed += wait;
          const answer = await ledger.takePlace(ask(limits), NOW + passed);
          if ('place' in answer) await begin(answer.place);
          else {
            passed += answer.wait - 1;
            expect(overrun(limits, [...times, passed]), 'a millisecond sooner').not.toBeNull();
            passed += 1;
            const again = await ledger.takePlace(ask(limits), NOW + passed);
            expect(again).toHaveProperty('place');
            if ('place' in again) await begin(again.place);
          }
        }
        expect(overrun(limits, times)).toBeNull();
      } finally {
        await ledger.close();
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: Math.ceil(numRuns / 2) },
  );
}, 120_000);

test('of a machine that may be gone, all places count as used: another takes the ledger over from its branch', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-places-'));
  const [path, copy] = [join(folder, 'ledger.sqlite'), join(folder, 'other', 'ledger.sqlite')];
  const ledger = await openLedger(path);
  try {
    for (let n = 0; n < 2; n += 1) await ledger.takePlace(ask({ perDay: 3 }), Date.now());
    mkdirSync(join(folder, 'other'));
    writeFileSync(copy, snapshot(path, new Map()));
    const other = await openLedger(copy, { ...thisProcess(), host: 'another machine' });
    try {
      await other.sweep(Date.now());
      const answers = [];
      for (let n = 0; n < 2; n += 1)
        answers.push('place' in (await other.takePlace(ask({ perDay: 3 }), Date.now())));
      expect(answers).toEqual([true, false]);
      expect(await other.begunThere('relay', 'relay', 0)).toHaveLength(2);
    } finally {
      await other.close();
    }
  } finally {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
