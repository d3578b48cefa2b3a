import { createHmac, timingSafeEqual } from 'node:crypto';
import { suppressedName } from './suppressed-file.ts';

/** What a link is for. `confirm` leads to what waits for a confirmation, `manage` to a subscription, the others to a delivery. */
export type LinkAction = 'unsubscribe' | 'preferences' | 'web' | 'confirm' | 'manage';

/** What a link says by itself: which row to look at. It is worth nothing before `isGenuine` has seen that row. */
export interface Link {
  readonly purpose: 'live' | 'test';
  readonly action: LinkAction;
  /** The id of the row in the ledger; 0 in a test, which has none. */
  readonly row: number;
  readonly signature: Uint8Array;
}

/** To whom a link belongs: the list and the reader's key (or what is left of it once they were erased). */
export interface LinkOwner {
  readonly list: string;
  readonly key: string;
}

const ACTIONS: readonly LinkAction[] = ['unsubscribe', 'preferences', 'web', 'confirm', 'manage'];
/** RFC 4648 §6 in lower case: programs that change case, or stop a link at a hyphen, do no harm. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** Octets of a signature: 96 bits. */
const SIGNATURE = 12;
const TEST = 0x80;

/**
 * Signs links of one reader with one secret: 26 letters and digits up to the 16 millionth row, then 27 or 28. A link
 * names a row and no address; the signature binds it to purpose, action, row, list and reader, so a row that another
 * ledger uses again is nobody else's. Throws without a secret.
 */
export function linkSigner(secret: string, owner: LinkOwner): (link: Omit<Link, 'signature'>) => string {
  if (secret === '') throw new Error('A link needs a secret');
  const sealed = new Map<string, Buffer>();
  return (link) => {
    const row = `${link.purpose} ${link.row}`;
    const seal = sealed.get(row) ?? sealOf(secret, link, owner);
    sealed.set(row, seal);
    return encode(Buffer.concat([headOf(link), signatureOf(seal, link)]));
  };
}

/** Reads a link; white space from wrapped lines and the case of letters do not matter. Null: it is none. */
export function readLink(token: string): Link | null {
  const text = token.replace(/\s+/g, '').toLowerCase();
  if (!/^[a-z2-7]{21,36}$/.test(text)) return null;
  const bytes = decode(text);
  const [kind = 0] = bytes;
  const action = ACTIONS[kind & ~TEST];
  const head = bytes.subarray(0, -SIGNATURE);
  // The shortest form only: what reads as a link has one spelling.
  if (!action || head.length < 2 || head.length > 7 || (head.length > 2 && head[1] === 0)) return null;
  if (encode(bytes) !== text) return null;
  return {
    purpose: kind & TEST ? 'test' : 'live',
    action,
    row: head.readUIntBE(1, head.length - 1),
    signature: bytes.subarray(-SIGNATURE),
  };
}

/** Was this link signed for this owner under any of the live secrets? */
export function isGenuine(secrets: readonly string[], link: Link, owner: LinkOwner): boolean {
  return secrets.some((secret) => {
    // Everybody knows the empty secret.
    if (secret === '') return false;
    return timingSafeEqual(signatureOf(sealOf(secret, link, owner), link), link.signature);
  });
}

function headOf({ purpose, action, row }: Omit<Link, 'signature'>): Buffer {
  const kind = ACTIONS.indexOf(action) | (purpose === 'test' ? TEST : 0);
  const octets = Math.max(1, Math.ceil(row.toString(16).length / 2));
  const head = Buffer.alloc(1 + octets);
  head[0] = kind;
  head.writeUIntBE(row, 1, octets);
  return head;
}

/** 512 bits that sign all links of a row, 96 for each action: an HMAC for each link took 9 µs, thrice a message. */
function sealOf(secret: string, { purpose, row }: Omit<Link, 'signature'>, { list, key }: LinkOwner): Buffer {
  return createHmac('sha512', secret)
    .update(`broadsheet:links\n${purpose}\n${row}\n${suppressedName(secret, key)}\n${list}`)
    .digest();
}

function signatureOf(seal: Buffer, { action }: Omit<Link, 'signature'>): Buffer {
  const at = ACTIONS.indexOf(action) * SIGNATURE;
  return seal.subarray(at, at + SIGNATURE);
}

function encode(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

function decode(text: string): Buffer {
  const bytes = Buffer.alloc(Math.floor((text.length * 5) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    held = ((held << 5) | ALPHABET.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  return bytes;
}
