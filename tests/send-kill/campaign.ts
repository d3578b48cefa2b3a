import { expect, vi } from 'vitest';
import type { Counts, Delivery } from '../../src/campaign/campaign.ts';
import type { TemporaryProject } from '../support/temporary-project.ts';
import type { Kept, LedgerDatabase } from './databases.ts';
import type { Moment } from './sink.ts';
import { type Sink, startSink, type Taken } from './start-sink.ts';
import { type NpmRun, projectForNpm, startNpm } from './through-npm.ts';

// Real processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

/** How a campaign stands. */
export interface Standing {
  readonly counts: Counts;
  /** Who may have it or not. */
  readonly uncertain: ReadonlySet<string>;
}

/** A real project, a ledger, a mail server, and the commands that a person would use on them. */
export interface RealCampaign {
  readonly project: TemporaryProject;
  readonly readers: readonly string[];
  readonly sink: Sink;
  readonly kept: Kept;
  /** Starts `npm run send` in a process group of its own. */
  send(environment?: Readonly<Record<string, string>>): NpmRun;
  /** What `npm run status` says. */
  status(...words: string[]): Promise<Standing>;
  /** What the ledger says, which is left as it lies; null: nothing is recorded. */
  standing(): Promise<Standing | null>;
  close(): Promise<void>;
}

const SECRET = 'what-signs-the-links-is-nobodys-business';

/** Whatever befalls a send, it prints no secret and nobody's address (invariant 8). */
function nothingPersonal<T extends { readonly stdout: string; readonly stderr: string }>(ended: T): T {
  expect(ended.stdout + ended.stderr).not.toMatch(new RegExp(`${SECRET}|:secret@|reader\\d+@`));
  return ended;
}

export async function realCampaign(
  database: LedgerDatabase,
  count: number,
  connections?: number,
): Promise<RealCampaign> {
  const { project, readers } = projectForNpm(count, connections);
  const kept = await database.keep(project.root);
  const sink = await startSink();
  const common = { SMTP_URL: sink.url, LINK_SECRET: SECRET, ...kept.environment };
  return {
    project,
    readers,
    sink,
    kept,
    send(environment = {}) {
      const line = ['send', '--', 'letter', '--confirm', 'letter'];
      const run = startNpm(project.root, line, { ...common, ...environment });
      return { ...run, ended: run.ended.then(nothingPersonal) };
    },
    async status(...words) {
      const line = ['status', '--', 'letter', '--json', ...words];
      const { code, stdout, stderr } = await startNpm(project.root, line, common).ended;
      expect(code, stderr).toBe(0);
      const campaigns = JSON.parse(stdout) as { counts: Counts; troubled: Delivery[] }[];
      expect(campaigns, 'one campaign for all that was started').toHaveLength(1);
      const [{ counts, troubled }] = campaigns as [(typeof campaigns)[0]];
      return { counts, uncertain: uncertainOf(troubled) };
    },
    standing: () =>
      kept.look(async (ledger) => {
        const [only] = await ledger.campaigns('letter');
        if (!only) return null;
        const counts = await ledger.counts(only.id);
        return { counts, uncertain: uncertainOf(await ledger.deliveries(only.id, ['uncertain'])) };
      }),
    close: () => sink.close(),
  };
}

/**
 * Puts a sender to sleep at a point where it holds no lock: it may have been in the middle of a commit. It hears nothing
 * meanwhile, so that it gets no further.
 */
export async function fallAsleep(
  { sink, kept }: RealCampaign,
  run: NpmRun,
  moment: Moment,
  nth: number,
): Promise<void> {
  await sink.strike({ group: run.group, signal: 'SIGSTOP', moment, nth, delay: 0, mute: true });
  for (;;) {
    const unlock = await kept.lock().catch(() => null);
    if (unlock) return unlock();
    run.signal('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 20));
    run.signal('SIGSTOP');
  }
}

/** Readers that the sink has no message for and status does not name, and those that it has two for. */
export function lostAndTwice(
  readers: readonly string[],
  taken: readonly Taken[],
  uncertain: ReadonlySet<string>,
): { readonly lost: string[]; readonly twice: string[] } {
  const got = new Map<string, number>();
  for (const { to } of taken) got.set(to, (got.get(to) ?? 0) + 1);
  return {
    lost: readers.filter((address) => !got.has(address) && !uncertain.has(address)),
    twice: [...got].filter(([, times]) => times > 1).map(([address]) => address),
  };
}

/** Nobody lost, nobody twice, and all that is not uncertain is accepted; gives how many are uncertain. */
export function expectEverybodyOnce(
  { readers, sink }: RealCampaign,
  { counts, uncertain }: Standing,
): number {
  expect(lostAndTwice(readers, sink.taken(), uncertain)).toEqual({ lost: [], twice: [] });
  expect(uncertain.size, 'every one is named').toBe(counts.uncertain);
  expect(counts.accepted + counts.uncertain).toBe(readers.length);
  return uncertain.size;
}

function uncertainOf(deliveries: readonly Delivery[]): Set<string> {
  return new Set(deliveries.filter(({ state }) => state === 'uncertain').map(({ address }) => address));
}
