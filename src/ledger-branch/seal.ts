import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

/** First bytes of what is sealed: format 1. Authenticated, so that a later format cannot be passed off as this one. */
const MAGIC = Buffer.from('broadsheet ledger 1\n');
const NONCE = 12;
const TAG = 16;
/** A ledger of ten million readers is smaller; what claims to be more is an attack on the memory. */
const LARGEST = 4 * 2 ** 30;

/**
 * Compresses and encrypts a ledger, which holds addresses, so that it may lie in a public repository: AES-256-GCM under
 * a key made of `secret` by HKDF. Only its size, rounded up to 64 KB, and its times are told to others.
 */
export function seal(bytes: Uint8Array, secret: string): Buffer {
  const packed = gzipSync(bytes);
  // What follows the end of a gzip member would be read as a second one: the true length stands before it.
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(packed.length));
  const padding = Buffer.alloc(65_536 - ((length.length + packed.length) % 65_536));
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce).setAAD(MAGIC);
  const hidden = [cipher.update(length), cipher.update(packed), cipher.update(padding), cipher.final()];
  return Buffer.concat([MAGIC, nonce, ...hidden, cipher.getAuthTag()]);
}

/** The ledger that was sealed; null when it was edited, cut, or sealed with another secret. Never throws. */
export function unseal(sealed: Uint8Array, secret: string): Buffer | null {
  const at = MAGIC.length + NONCE;
  if (sealed.length < at + TAG + 8 || !MAGIC.equals(sealed.subarray(0, MAGIC.length))) return null;
  try {
    const nonce = sealed.subarray(MAGIC.length, at);
    const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), nonce, { authTagLength: TAG })
      .setAAD(MAGIC)
      .setAuthTag(sealed.subarray(-TAG));
    const shown = Buffer.concat([decipher.update(sealed.subarray(at, -TAG)), decipher.final()]);
    const length = Number(shown.readBigUInt64BE());
    return gunzipSync(shown.subarray(8, 8 + length), { maxOutputLength: LARGEST });
  } catch {
    return null;
  }
}

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', MAGIC, 32));
}
