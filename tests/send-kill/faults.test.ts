import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { runCommand } from '../support/run-command.ts';
import { expectEverybodyOnce, fallAsleep, type RealCampaign, realCampaign } from './campaign.ts';
import { databases, fileOf, postgresAt } from './databases.ts';
import { CONNECTIONS } from './through-npm.ts';

const READERS = 80;

/** It has ended in a person's words, with most of the list still to go. */
async function expectStopped(
  campaign: RealCampaign,
  says: RegExp,
  ended: { code: number | null; stderr: string },
) {
  // 75: it may pass, as a full disk does; 78: something must be changed first.
  expect([75, 78], ended.stderr).toContain(ended.code);
  expect(ended.stderr).toMatch(says);
  expect(ended.stderr, 'no stack trace').not.toMatch(/^ +at /m);
  expect(campaign.sink.taken().length).toBeLessThan(READERS);
}

/** Once all is well again a run sees it through. */
async function expectSeenThrough(campaign: RealCampaign) {
  const { code, stderr } = await campaign.send().ended;
  expect([0, 3], stderr).toContain(code);
  expect(expectEverybodyOnce(campaign, await campaign.status())).toBeLessThanOrEqual(CONNECTIONS);
}

describe.each(databases)('on $name', (database) => {
  test('a ledger that cannot be written stops the sending; mended, the next run goes on', async () => {
    const campaign = await realCampaign(database, READERS);
    try {
      const first = campaign.send();
      await campaign.sink.strike({
        group: first.group,
        signal: 'SIGTERM',
        moment: 'connect',
        nth: 1,
        delay: 0,
      });
      await first.ended;
      await campaign.kept.run(database.full);
      await expectStopped(campaign, /ledger .*cannot be written.*disk full/i, await campaign.send().ended);
      expect(campaign.sink.taken().length).toBeLessThanOrEqual(10 + 2 * CONNECTIONS);
      await campaign.kept.run(database.mended);
      await expectSeenThrough(campaign);
    } finally {
      await campaign.close();
    }
  });

  test('a ledger that another holds locked is waited for: nobody suffers', async () => {
    const campaign = await realCampaign(database, READERS, 1);
    const { sink, kept } = campaign;
    try {
      const run = campaign.send();
      await fallAsleep(campaign, run, 'data', 20);
      const before = sink.taken().length;
      const unlock = await kept.lock();
      run.signal('SIGCONT');
      sink.tell({ goOn: true });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(sink.taken(), 'it waits').toHaveLength(before);
      await unlock();
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(0);
      expect(expectEverybodyOnce(campaign, await campaign.status())).toBe(0);
    } finally {
      await campaign.close();
    }
  });
});

describe('PostgreSQL', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  const scene = async () => {
    const url = await server.database();
    return { url, campaign: await realCampaign(postgresAt(server, url), READERS) };
  };

  test('killed with -9 in the middle stops the sending at once; back again, the next run goes on', async () => {
    const { campaign } = await scene();
    const { sink } = campaign;
    try {
      const run = campaign.send();
      await sink.strike({ group: run.group, signal: 'SIGSTOP', moment: 'data', nth: 20, delay: 0 });
      const before = sink.taken().length;
      const restart = await server.crash();
      try {
        run.signal('SIGCONT');
        await expectStopped(campaign, /ledger in PostgreSQL cannot be (written|read)/, await run.ended);
        expect(sink.taken().length - before, 'what was on its way').toBeLessThanOrEqual(CONNECTIONS);
      } finally {
        await restart();
      }
      await expectSeenThrough(campaign);
    } finally {
      await campaign.close();
    }
  });

  test('that cuts every connection again and again: nobody lost, nobody twice', async () => {
    const { url, campaign } = await scene();
    const { sink } = campaign;
    try {
      sink.tell({ hold: 5 });
      const run = campaign.send();
      const ended = run.ended.then(() => true);
      await sink.strike({ group: run.group, signal: 'SIGCONT', moment: 'dot', nth: 5, delay: 0 });
      while (!(await Promise.race([ended, server.cut(url)])));
      const { code, stderr } = await run.ended;
      expect([0, 3, 75], stderr).toContain(code);
      expect(stderr, 'no stack trace').not.toMatch(/^ +at /m);
      await expectSeenThrough(campaign);
    } finally {
      await campaign.close();
    }
  });
});

describe('the file of the ledger', () => {
  const [database] = databases as [(typeof databases)[0]];

  test('on a disk with no room for more (a limit on the size of files) stops the sending', async () => {
    const campaign = await realCampaign(database, READERS);
    try {
      const first = campaign.send();
      await campaign.sink.strike({
        group: first.group,
        signal: 'SIGTERM',
        moment: 'connect',
        nth: 1,
        delay: 0,
      });
      await first.ended;
      // The log beside the file grows by some pages a commit.
      const blocks = Math.ceil((statSync(fileOf(campaign.project.root)).size + 20_000) / 512);
      const limit = fileURLToPath(new URL('limit-files.sh', import.meta.url));
      const ended = await campaign.send({ BEFORE_NODE: `sh ${limit} ${blocks}` }).ended;
      await expectStopped(campaign, /ledger .*cannot be written/, ended);
      await expectSeenThrough(campaign);
    } finally {
      await campaign.close();
    }
  });

  test('on a full disk (a small file system, where one can be mounted) stops the sending', async () => {
    const campaign = await realCampaign(database, READERS);
    const folder = join(campaign.project.root, '.broadsheet');
    mkdirSync(folder, { mode: 0o700 });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'none', folder], { stdio: 'pipe' });
    } catch {
      console.log(
        'No file system can be mounted here: a full disk is only tried as a limit on the size of files.',
      );
      return campaign.close();
    }
    try {
      const ended = await campaign.send().ended;
      await expectStopped(campaign, /ledger .*(?:full|cannot be written)/, ended);
      execFileSync('mount', ['-o', 'remount,size=10m', folder]);
      await expectSeenThrough(campaign);
    } finally {
      execFileSync('umount', ['-l', folder]);
      await campaign.close();
    }
  });

  test.each([
    ['deleted', (path: string) => rmSync(path)],
    [
      'replaced by a copy',
      (path: string) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
  ])('%s under a running send stops it', async (how, spoil) => {
    const campaign = await realCampaign(database, READERS);
    const { sink, project } = campaign;
    try {
      const run = campaign.send();
      await sink.strike({ group: run.group, signal: 'SIGSTOP', moment: 'data', nth: 20, delay: 0 });
      const before = sink.taken().length;
      spoil(fileOf(project.root));
      run.signal('SIGCONT');
      await expectStopped(
        campaign,
        /deleted or replaced while in use\. Nothing more is sent/,
        await run.ended,
      );
      expect(sink.taken().length - before).toBeLessThanOrEqual(CONNECTIONS);
      if (how === 'deleted') {
        const taken = sink.taken().length;
        await expectStopped(campaign, /is gone, so nobody knows who was mailed/, await campaign.send().ended);
        expect(sink.taken()).toHaveLength(taken);
        const told = await runCommand(project.root, 'status');
        expect([told.code, told.stderr]).toEqual([78, expect.stringContaining('is gone, so nobody knows')]);
      }
    } finally {
      await campaign.close();
    }
  });

  test('put back as it was before a killed run is refused, until the newest is in its place again', async () => {
    const campaign = await realCampaign(database, READERS);
    const { sink, project } = campaign;
    const path = fileOf(project.root);
    try {
      for (const nth of [1, 10]) {
        const run = campaign.send();
        await sink.strike({ group: run.group, signal: 'SIGTERM', moment: 'dot', nth, delay: 0 });
        await run.ended;
        if (nth === 1) copyFileSync(path, `${path}.monday`);
      }
      renameSync(path, `${path}.newest`);
      copyFileSync(`${path}.monday`, path);
      const taken = sink.taken().length;
      await expectStopped(
        campaign,
        /is an old copy.*nothing is sent\. Put the newest one back/s,
        await campaign.send().ended,
      );
      expect(sink.taken()).toHaveLength(taken);
      renameSync(`${path}.newest`, path);
      expect((await campaign.send().ended).code).toBe(0);
      expect(expectEverybodyOnce(campaign, await campaign.status())).toBe(0);
    } finally {
      await campaign.close();
    }
  });
});
