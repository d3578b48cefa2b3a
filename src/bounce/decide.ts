import type { Suppression } from '../audience/audience.ts';
import type { Claims } from './claims-of.ts';
import type { FoundReaders, Reader } from './find-readers.ts';
import type { Incoming } from './incoming.ts';

/** What one message leads to. */
export type Decision =
  | {
      readonly act: 'suppress';
      readonly reason: Suppression['reason'];
      readonly key: string;
      /** Null: on all lists. */
      readonly list: string | null;
      readonly by: Proof;
    }
  | { readonly act: 'count'; readonly key: string; readonly by: Proof }
  | { readonly act: 'nothing'; readonly why: string }
  /** Left as it is, for a person. */
  | { readonly act: 'keep'; readonly why: string };

/** How the reader was recognised. */
export type Proof = 'verp' | 'message-id' | 'address' | 'link';

/**
 * Decides by what a message says and who was found. An address alone proves nothing, for anybody can write a bounce
 * that names anybody: it counts only where `trusted`, in the mailbox that the configuration names, and never beside a
 * name that is not ours.
 */
export function decide(
  incoming: Incoming,
  claims: Claims,
  found: FoundReaders,
  trusted: boolean,
): readonly Decision[] {
  const { kind } = incoming;
  if (kind === 'unreadable') return [{ act: 'keep', why: 'it cannot be read' }];
  if (kind === 'letter') return [{ act: 'keep', why: 'a letter' }];
  if (kind === 'auto-reply') return [{ act: 'nothing', why: 'an automatic reply' }];
  if (kind === 'delay') return [{ act: 'nothing', why: 'nothing failed, or not yet' }];
  if (kind === 'unsubscribe') return [unsubscribe(claims, found, trusted)];
  const matches = match(claims, found, trusted);
  if (matches.length === 0) return [{ act: 'nothing', why: 'it names nobody whom we wrote to' }];
  return matches.map(({ reader: { key }, by }): Decision => {
    if (kind === 'complaint') return { act: 'suppress', reason: 'complained', key, list: null, by };
    // By its name the whole report is about one reader, whatever address their mail was forwarded to.
    const about = incoming.failures.filter(
      ({ address }) => by !== 'address' || address.toLowerCase() === key,
    );
    if (about.some(({ severity }) => severity === 'hard'))
      return { act: 'suppress', reason: 'bounced', key, list: null, by };
    if (about.some(({ severity }) => severity === 'soft')) return { act: 'count', key, by };
    return { act: 'nothing', why: 'nothing failed' };
  });
}

function match(
  { verp, messageIds, keys }: Claims,
  { byIdentity, byKey }: FoundReaders,
  trusted: boolean,
): { reader: Reader; by: Proof }[] {
  for (const [names, by] of [
    [verp, 'verp'],
    [messageIds, 'message-id'],
  ] as const) {
    const reader = names.map((name) => byIdentity.get(name)).find((one) => one !== undefined);
    if (reader) return [{ reader, by }];
  }
  if (!trusted || verp.length > 0 || messageIds.length > 0) return [];
  return keys.flatMap((key) => {
    const reader = byKey.get(key);
    return reader ? [{ reader, by: 'address' as const }] : [];
  });
}

/** A request with a signed link, or, in the configured mailbox, one of somebody whom we wrote to, for that list. */
function unsubscribe({ link, keys }: Claims, found: FoundReaders, trusted: boolean): Decision {
  if (link?.purpose === 'test') return { act: 'nothing', why: 'the link of a test changes nothing' };
  const named = link?.action === 'unsubscribe' ? found.byLink.get(link) : undefined;
  if (named) return { act: 'suppress', reason: 'unsubscribed', key: named.key, list: named.list, by: 'link' };
  const writer = trusted && keys[0] !== undefined ? found.byKey.get(keys[0]) : undefined;
  if (writer)
    return { act: 'suppress', reason: 'unsubscribed', key: writer.key, list: writer.list, by: 'address' };
  return { act: 'keep', why: 'it asks to unsubscribe somebody who is not known' };
}
