import type { ReaderLinks } from './reader-links.ts';

/** What a hole (`subscriber.FIELD`, `links.NAME`) stands for in one reader's mail; undefined: there is no such thing. */
export function holeValue(
  name: string,
  fields: Readonly<Record<string, string>>,
  links: ReaderLinks,
): string | undefined {
  if (name.startsWith('subscriber.')) {
    const field = name.slice('subscriber.'.length);
    return Object.hasOwn(fields, field) ? fields[field] : undefined;
  }
  if (name === 'links.unsubscribe') return links.unsubscribeUrl ?? links.unsubscribeMailto ?? undefined;
  if (name === 'links.preferences') return links.preferences ?? undefined;
  return name === 'links.web' ? (links.web ?? undefined) : undefined;
}
