import { createHash } from 'node:crypto';
import type { Email } from './email.ts';

/** SHA-256, hex, over everything that a reader can receive: the same email, the same digest. */
export function digestOf(email: Omit<Email, 'fields' | 'links' | 'images' | 'sections' | 'digest'>): string {
  const { embedded, hosted, ...rest } = email;
  const images = [...embedded, ...hosted].map(({ bytes, ...image }) => ({
    ...image,
    bytes: createHash('sha256').update(bytes).digest('hex'),
  }));
  return createHash('sha256')
    .update(JSON.stringify([rest, images]))
    .digest('hex');
}
