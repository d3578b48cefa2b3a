import { normaliseAddress } from '../audience/normalise-address.ts';

/** RFC 5321 §4.5.3.1.3: a path is at most 256 octets, of which two are angle brackets. */
const LONGEST = 254;

/** Reads an address that somebody typed; null: it is none that mail can be sent to. */
export function readAddress(text: string): { readonly address: string; readonly key: string } | null {
  if (text.length > 1000) return null;
  const read = normaliseAddress(text);
  return 'key' in read && Buffer.byteLength(read.address) <= LONGEST ? read : null;
}
