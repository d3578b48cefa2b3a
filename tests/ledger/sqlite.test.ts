import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { Statements, Database as Store } from '../../src/ledger/database.ts';
import { gather } from '../../src/ledger/gather.ts';
import { groupCommit } from '../../src/ledger/group-commit.ts';
import { type Ledger, LedgerError } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { isAlive, thisProcess } from '../../src/ledger/this-process.ts';
import { campaignOf, type Database, ledgerContract, many, NOW } from './contract.ts';
import { placesContract } from './places-contract.ts';
import { subscriptionsContract } from './subscriptions-contract.ts';

const folders: string[] = [];
const ledgers: Ledger[] = [];
afterEach(async () => {
  for (const ledger of ledgers.splice(0)) await ledger.close().catch(() => {});
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-ledger-'));
  folders.push(folder);
  return join(folder, '.broadsheet', 'ledger.sqlite');
}

async function fresh(): Promise<Database> {
  const path = newPath();
  return {
    async open(identity) {
      const ledger = await openLedger(path, identity);
      ledgers.push(ledger);
      return ledger;
    },
    async silence(ms) {
      const database = new DatabaseSync(path);
      database.prepare('UPDATE senders SET beat_at = ?').run(NOW - ms);
      database.close();
    },
  };
}

describe('the ledger in SQLite', () => {
  ledgerContract(fresh);
  placesContract(fresh);
  subscriptionsContract(fresh);
});

async function recorded(): Promise<{ path: string; ledger: Ledger }> {
  const path = newPath();
  const ledger = await openLedger(path);
  ledgers.push(ledger);
  await ledger.record(campaignOf(), 'the email', many(3));
  await ledger.beat(NOW);
  return { path, ledger };
}

describe('the file', () => {
  test('of a newer version is refused and left as it is', async () => {
    const path = newPath();
    await (await openLedger(path)).close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99; DROP TABLE suppressions');
    database.close();
    await expect(openLedger(path)).rejects.toThrow(/newer Broadsheet \(its version is 99/);
    const after = new DatabaseSync(path);
    expect(after.prepare("SELECT name FROM sqlite_schema WHERE name = 'suppressions'").all()).toEqual([]);
    after.close();
  });

  // As root nothing is read-only by its mode, so something stands in the way instead.
  test.each([
    ['.broadsheet is a file', (path: string) => writeFileSync(join(path, '..'), '')],
    ['a folder stands in its place', (path: string) => mkdirSync(path, { recursive: true })],
    [
      'it is no database',
      (path: string) => {
        mkdirSync(join(path, '..'), { recursive: true });
        writeFileSync(path, 'Dear diary, '.repeat(1000));
      },
    ],
  ])('cannot be opened when %s: told with its path', async (_, spoil) => {
    const path = newPath();
    spoil(path);
    const error = await openLedger(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LedgerError);
    expect((error as Error).message).toContain(path);
  });

  test.each([
    ['deleted', (path: string) => rmSync(path)],
    [
      'replaced',
      (path: string) => {
        renameSync(path, `${path}.old`);
        writeFileSync(path, '');
      },
    ],
  ])('%s while in use stops everything that would be written', async (_, spoil) => {
    const { path, ledger } = await recorded();
    const [row] = await ledger.claim('c1', NOW, 1);
    spoil(path);
    await expect(ledger.markSending(row!, NOW, NOW)).rejects.toThrow(/deleted or replaced/);
    await expect(ledger.claim('c1', NOW, 1)).rejects.toThrow(LedgerError);
    await expect(ledger.settle(row!, {} as never, NOW)).rejects.toThrow(LedgerError);
  });

  test('that lost a row is not sent from: the counts must add up to the audience', async () => {
    const { path, ledger } = await recorded();
    const database = new DatabaseSync(path);
    database.exec('DELETE FROM deliveries WHERE id = 2');
    database.close();
    await expect(ledger.counts('c1')).rejects.toThrow(/planned for 3 readers, but the ledger holds 2/);
  });

  test('that lost a table is a fault that is told, reading and writing', async () => {
    const { path, ledger } = await recorded();
    const database = new DatabaseSync(path);
    database.exec('DROP TABLE suppressions; DROP TABLE senders');
    database.close();
    await expect(ledger.suppressions('weekly')).rejects.toThrow(/cannot be read/);
    await expect(ledger.beat(NOW)).rejects.toThrow(/cannot be written/);
    await expect(ledger.claim('c1', NOW, 1)).rejects.toThrow(LedgerError);
    expect((await ledger.counts('c1')).queued, 'nothing of the failed claim stays').toBe(3);
  });

  test('into which another program wrote that somebody has left: the gate is shut for them', async () => {
    const { path, ledger } = await recorded();
    const [row, other] = await ledger.claim('c1', NOW, 2);
    const database = new DatabaseSync(path);
    database.prepare("INSERT INTO suppressions VALUES (?, '', 'manual', '')").run(row!.key);
    database.close();
    expect(await ledger.markSending(row!, NOW, NOW)).toBe(false);
    expect(await ledger.markSending(other!, NOW, NOW)).toBe(true);
    expect(await ledger.counts('c1')).toMatchObject({ suppressed: 1, sending: 1, queued: 1 });
  });

  test('that another writes is waited for', async () => {
    const { path, ledger } = await recorded();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    let done = false;
    const claim = ledger.claim('c1', NOW, 3).then((rows) => {
      done = true;
      return rows;
    });
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(done).toBe(false);
    other.exec('COMMIT');
    other.close();
    expect(await claim).toHaveLength(3);
  });

  test('is made by one of six senders that start at once, and all of them work', async () => {
    const path = newPath();
    const module = fileURLToPath(new URL('../../src/ledger/open-ledger.ts', import.meta.url));
    const script = `
      import { openLedger } from ${JSON.stringify(module)};
      const ledger = await openLedger(${JSON.stringify(path)});
      await ledger.beat(1);
      await ledger.suppress({ key: String(process.pid), list: null, reason: 'manual', at: '' });
      await ledger.close();`;
    const codes = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        return (await once(child, 'exit'))[0] as number;
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    const ledger = await openLedger(path);
    ledgers.push(ledger);
    expect((await ledger.suppressions('any')).size).toBe(6);
  });

  test('closed by all leaves nothing beside it but how often it was written', async () => {
    const { path, ledger } = await recorded();
    await ledger.close();
    expect(readdirSync(join(path, '..'))).toEqual(['ledger.epoch', 'ledger.sqlite']);
  });
});

describe('the number beside the file', () => {
  /** A ledger that was closed, a copy of it, and then `more` done to it; `back` puts the copy in its place. */
  const copied = async (more: (ledger: Ledger) => Promise<unknown>) => {
    const { path, ledger } = await recorded();
    await ledger.close();
    copyFileSync(path, `${path}.old`);
    const again = await openLedger(path);
    await more(again);
    await again.close();
    return { path, beside: path.replace('sqlite', 'epoch'), back: () => renameSync(`${path}.old`, path) };
  };
  const refusal = (path: string) =>
    openLedger(path).then(
      () => null,
      (error: unknown) => error,
    );

  test('tells an old copy, however little was done since, and the way out', async () => {
    const { path, beside, back } = await copied((ledger) =>
      ledger.suppress({ key: 'ann@example.com', list: null, reason: 'manual', at: '' }),
    );
    back();
    const error = await refusal(path);
    expect(error).toBeInstanceOf(LedgerError);
    expect((error as Error).message).toMatch(
      /is an old copy: it was written \d+ times, .* so nothing is sent/,
    );
    expect((error as Error).message).toContain(`delete ${beside}`);
    expect(await refusal(path), 'still, for it was not written').toBeInstanceOf(LedgerError);
    rmSync(beside);
    expect(await refusal(path)).toBeNull();
  });

  test('tells that the ledger is gone, and none is made in its place', async () => {
    const { path, beside } = await copied(async () => {});
    rmSync(path);
    expect(String(await refusal(path))).toMatch(/is gone, so nobody knows who was mailed\. Nothing is sent/);
    expect(readdirSync(join(path, '..'))).not.toContain('ledger.sqlite');
    rmSync(beside);
    expect(await refusal(path)).toBeNull();
  });

  test('says nothing of a copy after which only looking was done', async () => {
    const { path, back } = await copied(async (ledger) => {
      await ledger.counts('c1');
      await ledger.sweep(NOW);
      expect(await ledger.claim('none', NOW, 5)).toEqual([]);
    });
    back();
    expect(await refusal(path)).toBeNull();
  });

  test.each([
    ['one commit behind, as a kill between the two leaves it', (n: string) => String(Number(n) - 1)],
    ['empty, as a power cut may leave it', () => ''],
    ['no number at all', () => 'hello'],
  ])('is no reason to refuse when it is %s', async (_, change) => {
    const { path, beside } = await copied(async () => {});
    const before = readFileSync(beside, 'utf8');
    expect(Number(before)).toBeGreaterThan(0);
    writeFileSync(beside, change(before));
    const ledger = await openLedger(path);
    await ledger.beat(NOW);
    expect(Number(readFileSync(beside, 'utf8')), 'and the next commit mends it').toBe(Number(before) + 1);
    await ledger.close();
  });

  test('goes with every commit of several who write at once', async () => {
    const { path, beside } = await copied(async () => {});
    const four = await Promise.all(Array.from({ length: 4 }, () => openLedger(path)));
    const before = Number(readFileSync(beside, 'utf8'));
    await Promise.all(
      four.flatMap((ledger) => [ledger.beat(NOW), ledger.beat(NOW + 1), ledger.beat(NOW + 2)]),
    );
    expect(Number(readFileSync(beside, 'utf8'))).toBe(before + 12);
    for (const ledger of four) await ledger.close();
  });
});

describe('group commit', () => {
  const none = {} as Statements;
  const yes = async () => true;

  test('works asked for at once share a transaction, in their order; later ones share the next', async () => {
    const transactions: number[][] = [];
    let open: number[] = [];
    const begun = Promise.withResolvers<void>();
    const grouped = groupCommit(async (work) => {
      open = [];
      const result = await work(none);
      begun.resolve();
      await new Promise(setImmediate);
      transactions.push(open);
      return result;
    });
    const ask = (n: number) => grouped(async () => open.push(n) > 0 && n % 2 === 0);
    const first = [ask(1), ask(2), ask(3)];
    await begun.promise;
    const second = [ask(4), ask(5)];
    expect(await Promise.all([...first, ...second])).toEqual([false, true, false, true, false]);
    expect(transactions).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  test('a transaction that fails fails all its works and those asked for meanwhile; later ones go on', async () => {
    let broken = true;
    const begun = Promise.withResolvers<void>();
    const grouped = groupCommit(async (work) => {
      begun.resolve();
      await new Promise(setImmediate);
      if (broken) throw new Error('disk full');
      return work(none);
    });
    const asked = [grouped(yes), grouped(yes)];
    void begun.promise.then(() => asked.push(grouped(yes)));
    const results = await Promise.allSettled(asked);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toHaveLength(3);
    await expect(asked[2], 'asked for while it failed').rejects.toThrow('disk full');
    broken = false;
    expect(await grouped(yes)).toBe(true);
  });
});

describe('what is gathered', () => {
  const none = {} as Statements;
  /** Doubles each, and tells what came together. */
  const doubled = (write: Store['write']) => {
    const pieces: number[][] = [];
    const ask = gather<number, number>(groupCommit(write), async (_, asks) => {
      pieces.push([...asks]);
      return asks.map((n) => n * 2);
    });
    return { pieces, ask };
  };

  test('before the transaction has begun is answered in one piece, each with its own; the rest in the next', async () => {
    const begun = Promise.withResolvers<void>();
    const { pieces, ask } = doubled(async (work) => {
      const result = await work(none);
      begun.resolve();
      await new Promise(setImmediate);
      return result;
    });
    const first = [ask(1), ask(2), ask(3)];
    await begun.promise;
    expect(await Promise.all([...first, ask(4)])).toEqual([2, 4, 6, 8]);
    expect(pieces).toEqual([[1, 2, 3], [4]]);
  });

  test('stays as it was when its transaction is run again: who asks meanwhile is in the next', async () => {
    let late: Promise<number> | null = null;
    const { pieces, ask } = doubled(async (work) => {
      await work(none);
      late ??= ask(3);
      return work(none);
    });
    expect(await Promise.all([ask(1), ask(2)])).toEqual([2, 4]);
    expect(await late).toBe(6);
    expect(pieces).toEqual([[1, 2], [1, 2], [3], [3]]);
  });

  test('for a transaction that could not begin fails, and is asked for again with the next', async () => {
    let broken = true;
    const { pieces, ask } = doubled(async (work) => {
      if (broken) throw new Error('disk full');
      return work(none);
    });
    for (const asked of [ask(1), ask(2)]) await expect(asked).rejects.toThrow('disk full');
    broken = false;
    expect(await ask(3)).toBe(6);
    expect(pieces).toEqual([[3]]);
  });
});

describe('a process', () => {
  test('that runs is alive, one that ended or was born at another time is not, of another machine nobody knows', async () => {
    const me = thisProcess();
    expect(isAlive(me)).toBe(true);
    expect(isAlive({ ...me, born: '0' })).toBe(false);
    expect(isAlive({ ...me, host: 'elsewhere' })).toBeNull();
    const child = spawn(process.execPath, ['-e', '']);
    const pid = child.pid!;
    await once(child, 'close');
    expect(isAlive({ ...me, pid })).toBe(false);
  });
});
