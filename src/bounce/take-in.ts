import { createHash } from 'node:crypto';
import type { Suppression } from '../audience/audience.ts';
import { suppressedName } from '../audience/suppressed-file.ts';
import { type Claims, claimsOf } from './claims-of.ts';
import { type Decision, decide } from './decide.ts';
import { type FoundReaders, findReaders, type Reader } from './find-readers.ts';
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

/** One line of the journal: a message was handled; `soft` names a reader, by a keyed hash, whose mail failed for now. */
export interface Entry {
  readonly id: string;
  readonly at: number;
  readonly soft: string | null;
}

/** What intake needs of the world. */
export interface IntakePorts {
  deliveries(): AsyncIterable<Reader>;
  suppress(suppression: Suppression): Promise<void>;
  /** Every entry so far. */
  journal(): Promise<readonly Entry[]>;
  /** Adds entries, durably. */
  write(entries: readonly Entry[]): Promise<void>;
  now(): number;
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

const BATCH = 200;

/**
 * Takes in what has arrived, each once: what follows from it is durable, then the journal, then the mark in the mailbox; who is
 * killed between does it again, and neither a suppression nor a count doubles. Throws what the ports throw.
 */
export async function takeIn(
  arrivals: AsyncIterable<Arrived>,
  policy: Policy,
  ports: IntakePorts,
): Promise<Tally> {
  const journal = await ports.journal();
  const handled = new Set(journal.map(({ id }) => id));
  const soft = Map.groupBy(
    journal.filter((entry) => entry.soft !== null),
    (entry) => entry.soft!,
  );
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

  /** Acts on one decision and gives the reader whose soft bounce is to be recorded. */
  const act = async (decision: Decision, at: number): Promise<string | null> => {
    if (decision.act === 'nothing') nothing[decision.why] = (nothing[decision.why] ?? 0) + 1;
    if (decision.act === 'suppress') {
      const { key, list, reason } = decision;
      const suppression = { key, list, reason, at: new Date(at).toISOString() };
      await ports.suppress(suppression);
      tally.suppressed.push(suppression);
    }
    if (decision.act !== 'count') return null;
    tally.soft += 1;
    // The journal may be kept in git, as suppressed.csv is.
    const names = policy.linkSecrets.map((secret) => suppressedName(secret, decision.key));
    const [name = decision.key] = names;
    const recent = [name, ...names.slice(1)]
      .flatMap((one) => soft.get(one) ?? [])
      .filter((entry) => entry.at > at - policy.soft.within);
    if (recent.length + 1 >= policy.soft.most) await act({ ...decision, ...BOUNCED }, at);
    return name;
  };

  for await (const batch of batches(arrivals)) {
    const read: { arrived: Arrived; claims: Claims }[] = [];
    for (const arrived of batch) {
      tally.read += 1;
      if (handled.has(arrived.id)) {
        tally.again += 1;
        await arrived.handled();
        continue;
      }
      read.push({ arrived, claims: claimsOf(arrived.incoming, policy) });
    }
    const found = await find(read, policy, ports);
    for (const { arrived, claims } of read) {
      const { id, incoming } = arrived;
      const at = ports.now();
      kinds[incoming.kind] += 1;
      const decisions = decide(incoming, claims, found, policy.trusted);
      if (decisions.some((decision) => decision.act === 'keep')) {
        tally.kept += 1;
        continue;
      }
      // The same bytes twice in one batch are one message.
      if (handled.has(id)) {
        await arrived.handled();
        continue;
      }
      const entries: Entry[] = [];
      for (const decision of decisions) entries.push({ id, at, soft: await act(decision, at) });
      await ports.write(entries);
      handled.add(id);
      for (const entry of entries)
        if (entry.soft !== null) soft.set(entry.soft, [...(soft.get(entry.soft) ?? []), entry]);
      await arrived.handled();
    }
  }
  return { ...tally, nothing };
}

const BOUNCED = { act: 'suppress', reason: 'bounced', list: null } as const;

function find(
  read: readonly { arrived: Arrived; claims: Claims }[],
  { linkSecrets }: Policy,
  { deliveries }: IntakePorts,
): Promise<FoundReaders> {
  const about = read.filter(({ arrived }) =>
    ['bounce', 'complaint', 'unsubscribe'].includes(arrived.incoming.kind),
  );
  return findReaders(
    {
      identities: new Set(about.flatMap(({ claims }) => [...claims.verp, ...claims.messageIds])),
      links: about.flatMap(({ claims }) => claims.link ?? []),
      keys: new Set(about.flatMap(({ claims }) => claims.keys)),
    },
    deliveries(),
    linkSecrets,
  );
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
