import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ledger, LedgerBusy, LedgerError } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { snapshot } from '../ledger/snapshot.ts';
import { GitFault, openRemoteBranch } from './remote-branch.ts';
import { seal, unseal } from './seal.ts';

export const LEDGER_BRANCH = 'broadsheet-ledger';

export interface BranchOptions {
  /** A repository with the remote `origin`. */
  readonly root: string;
  /** LEDGER_KEY. */
  readonly secret: string;
  /** Rows that are claimed, and told to the branch, at once. */
  readonly batch: number;
  /** `--new-ledger`: a branch that is not there is made. */
  readonly create: boolean;
  /** To look only: nothing is pushed. */
  readonly readOnly: boolean;
}

/** A run that was silent so long is dead: what the ledger itself says of senders, and a little more. */
const HOLD = 16 * 60_000;
/** The hold is renewed so often. */
const RENEW = 5 * 60_000;
const AT_REST = 'At rest';

/** What needs no hold: questions, and what only those tell who hold it (`sweep` finds the same when it is asked again). */
const FREE: ReadonlySet<string> = new Set([
  'readersOf',
  'isRecording',
  'suppressions',
  'suppressionsOf',
  'subscriptions',
  'subscriptionsOf',
  'subscription',
  'subscribedAmong',
  'consents',
  'consentsOf',
  'confirmed',
  'confirmation',
  'delivery',
  'memberships',
  'dataOf',
  'allSuppressions',
  'campaigns',
  'campaign',
  'email',
  'counts',
  'deliveries',
  'history',
  'replies',
  'sweep',
  'begunSince',
  'nextDue',
  'openByDomain',
  'begunThere',
  'firstBegun',
  'receipts',
  'handledReports',
  'softBounces',
  'deliveriesTo',
  'begunDeliveries',
]);

/**
 * The ledger of machines that forget their disk: the SQLite file, encrypted, as the only commit of a branch of the
 * newsletter's own repository. Not a driver: it fetches the file, works on it, and pushes it back.
 *
 * Before the first message of a batch leaves, the branch says that all of the batch may have left. A machine that dies
 * so leaves at most one batch uncertain. The push compares and swaps, so that it is the lock as well; and the commit
 * says until when its sender holds it, so that a second run leaves at once and does not tear the first one's batch away.
 */
export async function openBranchLedger(options: BranchOptions): Promise<Ledger> {
  const { root, secret, batch, create, readOnly } = options;
  const branch = openRemoteBranch(root, LEDGER_BRANCH);
  const kept = await told(() => branch.fetch());
  if (!kept && !create && !readOnly)
    throw new LedgerError(
      `origin has no branch ${LEDGER_BRANCH}, so nobody knows what was sent. If nothing ever was, add --new-ledger once; else restore the branch.`,
    );
  const holder = kept && !readOnly ? heldUntil(kept.message) : 0;
  if (holder > Date.now())
    throw new LedgerBusy(
      `Another run has the ledger, until ${new Date(holder).toISOString().slice(0, 16)}Z if it died. This one leaves.`,
    );
  const bytes = kept && unseal(kept.sealed, secret);
  if (kept && !bytes)
    throw new LedgerError(
      `The ledger on branch ${LEDGER_BRANCH} was edited, or LEDGER_KEY is not the one that it was sealed with. Nothing is sent.`,
    );
  // Never in the project: it is not encrypted there, and two runs in one folder must not share it.
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-ledger-'));
  const path = join(folder, 'ledger.sqlite');
  if (bytes) await writeFile(path, bytes, { mode: 0o600 });
  let ledger: Ledger;
  try {
    ledger = await openLedger(path);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const remove = () => rm(folder, { recursive: true, force: true });
  if (readOnly) return { ...ledger, close: () => ledger.close().finally(remove) };

  let tip = kept?.commit ?? null;
  let lost = false;
  let pushedAt = 0;
  /** Claimed rows that were told to the branch, with the Date that their message will have. */
  const leaving = new Map<number, number>();
  const pools = new Map<string, Awaited<ReturnType<Ledger['claim']>>>();

  const push = async (message: string) => {
    const now = Date.now();
    const commit = lost
      ? null
      : await told(() => branch.replace(tip, seal(snapshot(path, leaving), secret), message));
    if (commit === null) {
      lost = true;
      throw new LedgerBusy(
        `Somebody else has changed the branch ${LEDGER_BRANCH} meanwhile. Nothing more is sent by this run.`,
      );
    }
    [tip, pushedAt] = [commit, now];
  };
  // One after the other: each push expects the commit of the one before.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = (message: () => string) => {
    const turn = queue.then(() => push(message()));
    queue = turn.catch(() => {});
    return turn;
  };
  const hold = () => inTurn(() => `In use until ${new Date(Date.now() + HOLD).toISOString()}`);

  /** The branch is taken at the first write: a run that finds nothing to do leaves nothing behind. */
  let taken: Promise<void> | null = null;
  const take = () => {
    taken ??= ledger.beat(Date.now()).then(hold);
    return taken;
  };
  try {
    if (!kept) await take();
  } catch (error) {
    await ledger.close().finally(remove);
    throw error;
  }

  const guarded = Object.fromEntries(
    Object.entries(ledger).map(([name, method]) => [
      name,
      FREE.has(name) ? method : (...given: never[]) => take().then(() => method(...given)),
    ]),
  ) as unknown as Ledger;

  return {
    ...guarded,
    async claim(campaignId, now, limit, except = [], after = null) {
      const pool = pools.get(campaignId) ?? [];
      const excepted = ({ key }: { readonly key: string }) =>
        except.some((domain) => key.endsWith(`@${domain}`));
      if (pool.every(excepted)) {
        await take();
        // With what is still in flight of the batch before, no more than one batch is told to be leaving.
        const most = Math.max(Math.ceil(batch / 2), batch - leaving.size);
        const rows = await ledger.claim(campaignId, now, most, except, after);
        for (const { id, date } of rows) leaving.set(id, date ?? now);
        if (rows.length > 0) await hold();
        pool.push(...rows.map((row) => ({ ...row, date: leaving.get(row.id)! })));
      }
      const given = pool.filter((row) => !excepted(row)).slice(0, limit);
      pools.set(
        campaignId,
        pool.filter((row) => !given.includes(row)),
      );
      return given;
    },
    async settle(delivery, transition, now, place) {
      const ours = await ledger.settle(delivery, transition, now, place);
      leaving.delete(delivery.id);
      return ours;
    },
    async release(campaignId) {
      await ledger.release(campaignId);
      pools.delete(campaignId);
      leaving.clear();
    },
    async beat(now) {
      await ledger.beat(now);
      if (taken && now - pushedAt > RENEW) await hold();
    },
    async close() {
      try {
        await ledger.close();
        leaving.clear();
        if (taken) await inTurn(() => AT_REST);
      } finally {
        await remove();
      }
    },
  };
}

function heldUntil(message: string): number {
  const said = Date.parse(/^In use until (\S+)/.exec(message)?.[1] ?? '');
  return Number.isNaN(said) ? 0 : said;
}

/** Faults of git in the words of the ledger: they may pass. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitFault)) throw error;
    throw new LedgerBusy(`The branch ${LEDGER_BRANCH} cannot be reached: ${error.message}`);
  }
}
