import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startInCi } from '../ledger-branch/clones.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { campaigns } from './told.ts';

const READERS = Array.from({ length: 15 }, (_, at) => `reader${String(at).padStart(2, '0')}@example.com`);

/**
 * Two issues are due on a machine that keeps its disk. Cron starts `runs` at once, the first is killed with -9 when
 * `taken` messages were accepted, and later another one runs alone.
 */
async function trial(runs: number, taken: number, connections: number) {
  let seen = 0;
  let kill = () => {};
  const smtp = await startSmtpServer({
    final: () => {
      seen += 1;
      if (seen === taken) kill();
      return '250 taken';
    },
  });
  try {
    const due = (name: string, hours: number) =>
      `---\ntitle: ${name}\nsendAt: ${new Date(Date.now() - hours * 3_600_000).toISOString()}\n---\nWords.\n`;
    const { root, names } = temporaryProject(
      {
        'issues/one.md': due('One', 2),
        'issues/two.md': due('Two', 1),
        'subscribers/weekly.csv': `email\n${READERS.join('\n')}\n`,
      },
      { limits: { connections }, approval: 'none' },
    );
    const start = () => startInCi(root, 'send --due', smtp.url, { LEDGER: 'file' });
    const started = Array.from({ length: runs }, start);
    kill = () => started[0]!.kill();
    await Promise.all(started.map(({ ended }) => ended));
    const last = await start().ended;
    expect([0, 3], last.stderr).toContain(last.code);
    const rows = campaigns({ root, names } as Parameters<typeof campaigns>[0]);
    const got = smtp.received.map(
      ({ to, content }) => `${/^Subject: (\w+)/m.exec(content)?.[1]} to ${to[0]}`,
    );
    return { got, rows };
  } finally {
    await smtp.close();
  }
}

test('however many runs cron starts, and wherever one is killed: nobody is lost, nobody gets two', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(1, 3),
      async (runs, taken, connections) => {
        const { got, rows } = await trial(runs, taken, connections);
        expect(rows.map(({ slug, state }) => [slug, state])).toEqual([
          ['one', 'finished'],
          ['two', 'finished'],
        ]);
        const uncertain = rows.reduce((sum, { counts }) => sum + (counts.uncertain ?? 0), 0);
        expect(uncertain, 'in flight when it died').toBeLessThanOrEqual(connections);
        for (const { counts } of rows)
          expect((counts.accepted ?? 0) + (counts.uncertain ?? 0)).toBe(READERS.length);
        expect(got.length - new Set(got).size, 'got two').toBe(0);
        const accepted = rows.reduce((sum, { counts }) => sum + (counts.accepted ?? 0), 0);
        expect(got.length).toBeGreaterThanOrEqual(accepted);
        expect(got.length).toBeLessThanOrEqual(accepted + uncertain);
      },
    ),
    { numRuns: Number(process.env.TRIALS ?? 2), endOnFailure: true },
  );
}, 600_000);
