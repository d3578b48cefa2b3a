import type { Email } from './email.ts';

/** An email as text for the ledger: JSON with image bytes in base64. */
export function packEmail(email: Email): string {
  return JSON.stringify(email, (_key, value) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
}

/** The email that was packed. */
export function unpackEmail(text: string): Email {
  return JSON.parse(text, (key, value) =>
    key === 'bytes' && typeof value?.base64 === 'string' ? Buffer.from(value.base64, 'base64') : value,
  );
}
