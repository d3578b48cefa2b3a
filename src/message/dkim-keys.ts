import { createPrivateKey, type KeyObject } from 'node:crypto';

/**
 * Reads DKIM private keys from PEM text: one, RSA or Ed25519, or both one after the other. Gives the keys, or what is
 * wrong; never a part of a key. RSA under 1,024 bits is refused (RFC 8301 §3.2).
 */
export function readDkimKeys(pem: string): readonly KeyObject[] | { readonly fault: string } {
  const blocks = pem.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/g) ?? [];
  const keys: KeyObject[] = [];
  for (const block of blocks) {
    try {
      keys.push(createPrivateKey(block));
    } catch {
      return { fault: 'it cannot be read as a PEM private key (an encrypted one must be decrypted first)' };
    }
  }
  const kinds = keys.map((key) => key.asymmetricKeyType);
  if (keys.length === 0) return { fault: 'it holds no "-----BEGIN PRIVATE KEY-----" block' };
  if (kinds.some((kind) => kind !== 'rsa' && kind !== 'ed25519'))
    return { fault: 'it is neither RSA nor Ed25519' };
  if (new Set(kinds).size < kinds.length) return { fault: 'it holds two keys of one kind' };
  if (keys.some((key) => (key.asymmetricKeyDetails?.modulusLength ?? 2048) < 1024))
    return { fault: 'it is RSA with fewer than 1,024 bits; make one with 2,048' };
  return keys;
}
