import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Subscriber } from './audience.ts';

/** A subscriber, and where their row stands. */
export interface Placed {
  readonly subscriber: Subscriber;
  readonly line: number;
}

/** Subscribers in little memory, to be gone through in their order as often as one likes. */
export interface PackedSubscribers extends Iterable<Placed> {
  readonly length: number;
  readonly first: Placed | null;
}

/** So many are compressed at once. */
const BATCH = 500;

/**
 * Packs subscribers as they come: a million take 20 MB instead of 400, so that a plan can be looked at for an hour and
 * then be recorded as it was, whatever has become of the list's file.
 */
export function openPacked(): { add(placed: Placed): void; readonly packed: PackedSubscribers } {
  const packs: Uint8Array[] = [];
  let batch: Placed[] = [];
  let length = 0;
  let first: Placed | null = null;
  return {
    add(placed) {
      first ??= placed;
      length += 1;
      batch.push(placed);
      if (batch.length < BATCH) return;
      // A copy: what zlib gives is a part of a buffer of 16 KB.
      packs.push(Uint8Array.from(zstdCompressSync(JSON.stringify(batch))));
      batch = [];
    },
    packed: {
      get length() {
        return length;
      },
      get first() {
        return first;
      },
      *[Symbol.iterator]() {
        for (const pack of packs) yield* JSON.parse(zstdDecompressSync(pack).toString()) as Placed[];
        yield* batch;
      },
    },
  };
}
