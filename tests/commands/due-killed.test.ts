import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { startInCi } from '../ledger-branch/clones.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';

const READERS = Array.from({ length: 15 }, (_, at) => `reader${String(at).padStart(2, '0')}@example.com`);

/** Where the ledger is, and where runs take place: on a machine that keeps its disk, or in clones that share a server. */
interface Place {
  readonly ledger: string;
  readonly env: Readonly<Record<string, string>>;
  readonly roots: readonly string[];
}

interface Runs {
  /** So many are started at once … */
  readonly atOnce: number;
  /** … the first of which is killed with -9 when so many messages were accepted … */
  readonly killedAt: number;
  /** … and another comes in when so many were. */
  readonly joinsAt: number;
  readonly connections: number;
}

/** Two issues are due. Cron starts runs, one of which is lost, and later another one runs alone. */
async function trial(
  placeOf: (root: string) => Promise<Place>,
  { atOnce, killedAt, joinsAt, connections }: Runs,
) {
  let seen = 0;
  let kill = () => {};
  let join = () => {};
  const smtp = await startSmtpServer({
    final: () => {
      seen += 1;
      if (seen === killedAt) kill();
      if (seen === joinsAt) join();
      return '250 taken';
    },
  });
  try {
    const due = (name: string, hours: number) =>
      `---\ntitle: ${name}\nsendAt: ${new Date(Date.now() - hours * 3_600_000).toISOString()}\n---\nWords.\n`;
    const { root } = temporaryProject(
      {
        'issues/one.md': due('One', 2),
        'issues/two.md': due('Two', 1),
        'subscribers/weekly.csv': `email\n${READERS.join('\n')}\n`,
      },
      { limits: { connections }, approval: 'none' },
    );
    const { ledger: place, env, roots } = await placeOf(root);
    const start = (at: number) => startInCi(roots[at % roots.length]!, 'send --due', smtp.url, env);
    const started = Array.from({ length: atOnce }, (_, at) => start(at));
    kill = () => started[0]!.kill();
    join = () => void started.push(start(started.length));
    for (let at = 0; at < started.length; at += 1) await started[at]!.ended;
    const last = await start(1).ended;
    expect([0, 3], last.stderr).toContain(last.code);
    const ledger = await openLedger(place);
    const rows = [];
    for (const { id, slug, state } of await ledger.campaigns())
      rows.push({ slug, state, counts: await ledger.counts(id) });
    await ledger.close();
    const got = smtp.received.map(
      ({ to, content }) => `${/^Subject: (\w+)/m.exec(content)?.[1]} to ${to[0]}`,
    );
    return { got, rows };
  } finally {
    await smtp.close();
  }
}

/** How it went over all trials; told when more than a few are made. */
const total = { trials: 0, lost: 0, twice: 0, uncertain: 0 };
const TRIALS = Number(process.env.TRIALS ?? 0);
afterAll(() => {
  if (TRIALS > 0) console.log(JSON.stringify(total));
});

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const copies = mkdtempSync(join(tmpdir(), 'broadsheet-copies-'));
afterAll(() => rmSync(copies, { recursive: true, force: true }));

describe.each<[string, (root: string) => Promise<Place>]>([
  [
    'a machine that keeps its disk',
    async (root) => ({
      ledger: join(root, '.broadsheet/ledger.sqlite'),
      env: { LEDGER: 'file', LEDGER_KEY: '' },
      roots: [root],
    }),
  ],
  [
    'two clones on two paths, and PostgreSQL',
    async (root) => {
      const ledger = await postgres.database();
      const other = mkdtempSync(join(copies, 'clone-'));
      cpSync(root, other, { recursive: true });
      return { ledger, env: { DATABASE_URL: ledger, LEDGER: '', LEDGER_KEY: '' }, roots: [root, other] };
    },
  ],
])('%s', (_where, placeOf) => {
  test('however many runs cron starts, and wherever one is lost: nobody is lost, nobody gets two', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          atOnce: fc.integer({ min: 1, max: 3 }),
          killedAt: fc.integer({ min: 1, max: 30 }),
          joinsAt: fc.integer({ min: 1, max: 30 }),
          connections: fc.constantFrom(1, 3),
        }),
        async (runs) => {
          const { got, rows } = await trial(placeOf, runs);
          const sum = (state: 'accepted' | 'uncertain') =>
            rows.reduce((all, { counts }) => all + counts[state], 0);
          const [accepted, uncertain] = [sum('accepted'), sum('uncertain')];
          total.trials += 1;
          total.lost += 2 * READERS.length - accepted - uncertain;
          total.twice += got.length - new Set(got).size;
          total.uncertain += uncertain;
          expect(rows.map(({ slug, state }) => [slug, state]).sort()).toEqual([
            ['one', 'finished'],
            ['two', 'finished'],
          ]);
          expect(uncertain, 'in flight when it died').toBeLessThanOrEqual(runs.connections);
          for (const { counts } of rows) expect(counts.accepted + counts.uncertain).toBe(READERS.length);
          expect(got.length - new Set(got).size, 'got two').toBe(0);
          expect(got.length).toBeGreaterThanOrEqual(accepted);
          expect(got.length).toBeLessThanOrEqual(accepted + uncertain);
        },
      ),
      { numRuns: TRIALS || 2, endOnFailure: true },
    );
  }, 1_200_000);
});
