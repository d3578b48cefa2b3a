import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openPostgres } from '../../src/ledger/drivers/open-postgres.ts';
import { type Ledger, LedgerError } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { campaignOf, type Database, ledgerContract, many, NOW } from './contract.ts';
import { placesContract } from './places-contract.ts';
import { subscriptionsContract } from './subscriptions-contract.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const ledgers: Ledger[] = [];
afterEach(async () => {
  for (const ledger of ledgers.splice(0)) await ledger.close().catch(() => {});
});

async function at(
  url: string,
  ...identity: Parameters<typeof openLedger> extends [string, ...infer R] ? R : []
) {
  const ledger = await openLedger(url, ...identity);
  ledgers.push(ledger);
  return ledger;
}

async function fresh(): Promise<Database> {
  const url = await postgres.database();
  return {
    open: (identity) => at(url, identity),
    silence: async (ms) =>
      void (await postgres.query(
        url,
        `UPDATE broadsheet.senders SET beat_at = extract(epoch FROM clock_timestamp()) * 1000 - ${ms}`,
      )),
  };
}

describe('the ledger in PostgreSQL', () => {
  ledgerContract(fresh);
  placesContract(fresh);
  subscriptionsContract(fresh);
});

async function recorded(): Promise<{ url: string; ledger: Ledger }> {
  const url = await postgres.database();
  const ledger = await at(url);
  await ledger.record(campaignOf(), 'the email', many(3));
  await ledger.beat(NOW);
  return { url, ledger };
}

describe('the database', () => {
  test('of a newer version is refused and left as it is', async () => {
    const { url } = await recorded();
    await postgres.query(url, 'UPDATE broadsheet.version SET version = 99; DROP TABLE broadsheet.receipts');
    await expect(openLedger(url)).rejects.toThrow(/newer Broadsheet \(its version is 99/);
    const { rows } = await postgres.query(url, "SELECT to_regclass('broadsheet.receipts') AS there");
    expect(rows).toEqual([{ there: null }]);
  });

  test('is made by one of six that open it at once, and all of them work', async () => {
    const url = await postgres.database();
    const six = await Promise.all(Array.from({ length: 6 }, () => at(url)));
    await Promise.all(
      six.map((ledger, index) =>
        ledger.suppress({ key: String(index), list: null, reason: 'manual', at: '' }),
      ),
    );
    expect((await six[0]!.suppressions('any')).size).toBe(6);
  });

  test('leaves what else is in it alone', async () => {
    const url = await postgres.database();
    await postgres.query(url, 'CREATE TABLE campaigns (mine TEXT)');
    await (await at(url)).record(campaignOf(), '', many(2));
    expect((await postgres.query(url, 'SELECT * FROM campaigns')).rows).toEqual([]);
  });

  test.each([
    ['no such server', 'postgres://postgres:hush@127.0.0.1:1/none'],
    ['a wrong password', null],
  ])('that cannot be opened (%s) is told without the password', async (_, address) => {
    const url = address ?? (await postgres.database()).replace(':secret@', ':hush@');
    const error = (await openLedger(url).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(LedgerError);
    expect(error.message).toMatch(/PostgreSQL cannot be opened: \S+/);
    expect(error.message).not.toContain('hush');
  });

  test('that is lost stops everything that would be written, and nothing of it stays', async () => {
    const { url, ledger } = await recorded();
    const [row] = await ledger.claim('c1', NOW, 1);
    await postgres.query(url, 'ALTER SCHEMA broadsheet RENAME TO gone');
    await expect(ledger.markSending(row!, NOW, NOW)).rejects.toThrow(LedgerError);
    await expect(ledger.claim('c1', NOW, 1)).rejects.toThrow(/cannot be written/);
    await expect(ledger.counts('c1')).rejects.toThrow(/cannot be read/);
    await postgres.query(url, 'ALTER SCHEMA gone RENAME TO broadsheet');
    expect(await ledger.counts('c1')).toMatchObject({ claimed: 1, queued: 2 });
  });

  test('whose connections are cut in the middle is a fault of what was under way, and then works again', async () => {
    const { url, ledger } = await recorded();
    const rows = await ledger.claim('c1', NOW, 3);
    await postgres.cut(url);
    const results = await Promise.allSettled(rows.map((row) => ledger.markSending(row, NOW, NOW)));
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(LedgerError);
    expect((await ledger.counts('c1')).queued).toBe(0);
  });

  test('in which a reply is recorded while the campaign is cancelled: nobody stays queued', async () => {
    const { url, ledger } = await recorded();
    const [row] = await ledger.claim('c1', NOW, 1);
    await ledger.markSending(row!, NOW, NOW);
    const settling = new pg.Client({ connectionString: url });
    await settling.connect();
    await settling.query(
      `BEGIN; UPDATE broadsheet.deliveries SET state = 'queued', owner = NULL WHERE id = ${row!.id}`,
    );
    await ledger.setState('c1', 'cancelled', 'by hand');
    await settling.query('COMMIT');
    await settling.end();
    await ledger.sweep(NOW);
    expect(await ledger.counts('c1')).toMatchObject({ cancelled: 3, queued: 0 });
  });

  test('that lost a row is not sent from: the counts must add up to the audience', async () => {
    const { url, ledger } = await recorded();
    await postgres.query(url, "DELETE FROM broadsheet.deliveries WHERE key = 'r1@example.com'");
    await expect(ledger.counts('c1')).rejects.toThrow(/planned for 3 readers, but the ledger holds 2/);
  });

  test('makes every commit durable, whatever its own default is', async () => {
    const url = await postgres.database();
    const name = new URL(url).pathname.slice(1);
    await postgres.query(url, `ALTER DATABASE ${name} SET synchronous_commit = off`);
    const database = await openPostgres(url);
    try {
      expect(await database.read('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    } finally {
      await database.close();
    }
  });
});
