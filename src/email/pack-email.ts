import type { Email } from './email.ts';

/** An email as text for the ledger: JSON with image bytes in base64. */
export function packEmail(email: Email): string {
  return JSON.stringify(email, function (this: Record<string, unknown>, key, value) {
    // A Buffer has made itself an object of numbers, four times as long, before it is given here.
    const bytes = this[key];
    return bytes instanceof Uint8Array ? { base64: Buffer.from(bytes).toString('base64') } : value;
  });
}

/** The email that was packed; bytes as an earlier version wrote them are read too. */
export function unpackEmail(text: string): Email {
  return JSON.parse(text, (key, value) => {
    if (key !== 'bytes') return value;
    if (typeof value?.base64 === 'string') return Buffer.from(value.base64, 'base64');
    return Array.isArray(value?.data) ? Buffer.from(value.data) : value;
  });
}
