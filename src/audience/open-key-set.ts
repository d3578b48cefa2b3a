import { hash } from 'node:crypto';

/** Which keys have been seen. */
export interface KeySet {
  /** Adds a key; true: it was there already. */
  seen(key: string): boolean;
}

/** 32-bit words of a key's name. */
const WORDS = 4;

/**
 * A set of keys that takes 32 MB for a million where a Set of their texts takes 100: it holds 128 bits of each key's
 * SHA-256 in one table. Two keys of one name in ten million there would be once in 10^24 times, and nobody can make any.
 */
export function openKeySet(): KeySet {
  let capacity = 1024;
  let table = new Uint32Array(capacity * WORDS);
  let count = 0;

  /** Where a name stands or belongs in the table; all zeroes: the place is free. */
  const placeOf = (name: Uint32Array): number => {
    for (let at = name[0]! % capacity; ; at = (at + 1) % capacity) {
      const from = at * WORDS;
      let [same, free] = [true, true];
      for (let word = 0; word < WORDS; word += 1) {
        const here = table[from + word]!;
        if (here !== name[word]) same = false;
        if (here !== 0) free = false;
      }
      if (same || free) return from;
    }
  };
  const isFree = (from: number) => table.subarray(from, from + WORDS).every((word) => word === 0);
  const grow = () => {
    const old = table;
    capacity *= 2;
    table = new Uint32Array(capacity * WORDS);
    for (let from = 0; from < old.length; from += WORDS) {
      const name = old.subarray(from, from + WORDS);
      if (name.some((word) => word !== 0)) table.set(name, placeOf(name));
    }
  };

  return {
    seen(key) {
      const digest = hash('sha256', key, 'buffer');
      const name = Uint32Array.from({ length: WORDS }, (_, word) => digest.readUInt32LE(word * 4));
      const from = placeOf(name);
      if (!isFree(from)) return true;
      table.set(name, from);
      count += 1;
      if (count * 2 > capacity) grow();
      return false;
    },
  };
}
