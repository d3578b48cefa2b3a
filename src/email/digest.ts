import { hash } from 'node:crypto';
import type { Email } from './email.ts';

/** SHA-256, hex, over everything that a reader can receive: the same email, the same digest. */
export function digestOf(email: Omit<Email, 'fields' | 'links' | 'images' | 'sections' | 'digest'>): string {
  const { embedded, hosted, ...rest } = email;
  const images = [...embedded, ...hosted].map(({ bytes, ...image }) => ({
    ...image,
    bytes: hash('sha256', bytes),
  }));
  return hash('sha256', JSON.stringify([rest, images]));
}
