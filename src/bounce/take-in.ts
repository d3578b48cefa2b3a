import { createHash } from 'node:crypto';
import type { Suppression } from '../audience/audience.ts';
import { suppressedName } from '../audience/suppressed-file.ts';
import { type Claims, claimsOf } from './claims-of.ts';
import { type Decision, decide } from './decide.ts';
import { type FinderPorts, type FoundReaders, findReaders } from './find-readers.ts';
import type { Incoming } from './incoming.ts';
import { readIncoming } from './read-incoming.ts';

/** What has come in, by mail or otherwise. */
export interface Arrived {
  /** The same when it comes again: it is handled once. */
  readonly id: string;
  readonly incoming: Incoming;
  /** Moves or marks it; never deletes. Called when all that follows from it is told to the ports. */
  handled(): Promise<void>;
}

/** A message as a mailbox, a pipe or a file gives it. */
export interface RawMessage {
  readonly bytes: Uint8Array;
  /** Its envelope recipients, where they are known. */
  readonly envelope: readonly string[];
  handled(): Promise<void>;
}

/** Reads messages; what they are known by is a hash of their octets. */
export async function* readAll(messages: AsyncIterable<RawMessage>): AsyncGenerator<Arrived> {
  for await (const { bytes, envelope, handled } of messages) {
    const id = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    yield { id, incoming: readIncoming(bytes, envelope), handled };
  }
}

/** What intake needs of the world. */
export interface IntakePorts extends FinderPorts {
  suppress(suppressions: readonly Suppression[]): Promise<void>;
  /** Which of these reports were handled, by anybody. */
  handledReports(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Records, durably, that reports were handled. */
  handleReports(reports: readonly Handled[]): Promise<void>;
  /** How many reports since an instant, but for those `except`, counted for the reader of any of these names. */
  softBounces(names: readonly string[], since: number, except: readonly string[]): Promise<number>;
  now(): number;
}

/** A report that was handled; `soft` names readers, by keyed hashes, whose mail failed for now. */
export interface Handled {
  readonly id: string;
  readonly at: number;
  readonly soft: readonly string[];
}

export interface Policy {
  readonly bounceAddress: string | null;
  /** What names may have been made with; the first makes new ones. */
  readonly linkSecrets: readonly string[];
  /** They come from the mailbox that the configuration names, or are signed. */
  readonly trusted: boolean;
  /** So many soft bounces, of different messages, within so many ms are a hard one. */
  readonly soft: { readonly most: number; readonly within: number };
}

/** What became of the messages of one run. */
export interface Tally {
  readonly read: number;
  readonly again: number;
  readonly kinds: Readonly<Record<Incoming['kind'], number>>;
  readonly suppressed: readonly Suppression[];
  readonly soft: number;
  readonly kept: number;
  /** Why nothing followed, with how often. */
  readonly nothing: Readonly<Record<string, number>>;
}

/** Messages that share a search, two commits and one writing of `suppressed.csv`. */
const BATCH = 1000;

/**
 * Takes in what has arrived, each once: what follows from a batch is durable, then that it was handled, then the marks in
 * the mailbox; who is killed between does it again, and neither a suppression nor a count doubles. Throws what the ports
 * throw.
 */
export async function takeIn(
  arrivals: AsyncIterable<Arrived>,
  policy: Policy,
  ports: IntakePorts,
): Promise<Tally> {
  const kinds = {
    bounce: 0,
    complaint: 0,
    unsubscribe: 0,
    delay: 0,
    'auto-reply': 0,
    letter: 0,
    unreadable: 0,
  };
  const tally = { read: 0, again: 0, kinds, suppressed: [] as Suppression[], soft: 0, kept: 0 };
  const nothing: Record<string, number> = {};

  for await (const batch of batches(arrivals)) {
    const handled = new Set(await ports.handledReports(batch.map(({ id }) => id)));
    const fresh = batch
      .filter(({ id }) => !handled.has(id))
      .map((arrived) => ({ arrived, claims: claimsOf(arrived.incoming, policy) }));
    const found = await find(fresh, policy, ports);
    const suppressions: Suppression[] = [];
    const reports: Handled[] = [];
    const kept = new Set<Arrived>();

    /** Acts on one decision and gives the reader whose soft bounce is to be recorded. */
    const act = async (decision: Decision, id: string, at: number): Promise<readonly string[]> => {
      if (decision.act === 'nothing') nothing[decision.why] = (nothing[decision.why] ?? 0) + 1;
      if (decision.act === 'suppress') {
        const { key, list, reason } = decision;
        suppressions.push({ key, list, reason, at: new Date(at).toISOString() });
      }
      if (decision.act !== 'count') return [];
      tally.soft += 1;
      // No address: what failed for now is forgotten with the secret.
      const names = policy.linkSecrets.map((secret) => suppressedName(secret, decision.key));
      const [name = decision.key] = names;
      // Another run may have recorded these reports as well: none is counted beside itself.
      const own = [...reports.filter(({ soft }) => soft.includes(name)).map((report) => report.id), id];
      const others = await ports.softBounces([name, ...names.slice(1)], at - policy.soft.within, own);
      if (others + own.length >= policy.soft.most) await act({ ...decision, ...BOUNCED }, id, at);
      return [name];
    };

    for (const { arrived, claims } of fresh) {
      const { id, incoming } = arrived;
      const at = ports.now();
      kinds[incoming.kind] += 1;
      const decisions = decide(incoming, claims, found, policy.trusted);
      if (decisions.some((decision) => decision.act === 'keep')) {
        kept.add(arrived);
        continue;
      }
      // The same bytes twice in one batch are one message.
      if (handled.has(id)) continue;
      const soft: string[] = [];
      for (const decision of decisions) soft.push(...(await act(decision, id, at)));
      reports.push({ id, at, soft });
      handled.add(id);
    }
    if (suppressions.length > 0) await ports.suppress(suppressions);
    if (reports.length > 0) await ports.handleReports(reports);
    for (const arrived of batch) if (!kept.has(arrived)) await arrived.handled();
    tally.read += batch.length;
    tally.again += batch.length - fresh.length;
    tally.kept += kept.size;
    tally.suppressed.push(...suppressions);
  }
  return { ...tally, nothing };
}

const BOUNCED = { act: 'suppress', reason: 'bounced', list: null } as const;

function find(
  fresh: readonly { arrived: Arrived; claims: Claims }[],
  { linkSecrets }: Policy,
  ports: IntakePorts,
): Promise<FoundReaders> {
  const about = fresh.filter(({ arrived }) =>
    ['bounce', 'complaint', 'unsubscribe'].includes(arrived.incoming.kind),
  );
  const wanted = {
    identities: new Set(about.flatMap(({ claims }) => [...claims.verp, ...claims.messageIds])),
    links: about.flatMap(({ claims }) => claims.link ?? []),
    keys: new Set(about.flatMap(({ claims }) => claims.keys)),
  };
  return findReaders(wanted, ports, linkSecrets);
}

async function* batches(arrivals: AsyncIterable<Arrived>): AsyncGenerator<Arrived[]> {
  let batch: Arrived[] = [];
  for await (const arrived of arrivals) {
    batch.push(arrived);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
