import { readerToken } from '../audience/links.ts';
import { deliveryIdentity } from '../message/delivery-identity.ts';

/** Somebody whom mail was sent to. */
export interface Reader {
  readonly key: string;
  readonly campaignId: string;
  readonly list: string;
}

/** What messages name readers by. */
export interface Wanted {
  /** Names of deliveries: `deliveryIdentity`. */
  readonly identities: ReadonlySet<string>;
  /** Names of readers in links: `readerToken`. */
  readonly tokens: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
}

export interface FoundReaders {
  readonly byIdentity: ReadonlyMap<string, Reader>;
  readonly byToken: ReadonlyMap<string, Reader>;
  readonly byKey: ReadonlyMap<string, Reader>;
}

/**
 * Looks through deliveries, once for a whole batch of messages: names are keyed hashes, which cannot be turned back,
 * and a column of them for a million deliveries would only serve the few that bounce (a pass takes seconds). Only what
 * is wanted is kept.
 */
export async function findReaders(
  wanted: Wanted,
  deliveries: AsyncIterable<Reader>,
  linkSecret: string | null,
): Promise<FoundReaders> {
  const byIdentity = new Map<string, Reader>();
  const byToken = new Map<string, Reader>();
  const byKey = new Map<string, Reader>();
  const { identities, tokens, keys } = wanted;
  if (identities.size + tokens.size + keys.size > 0)
    for await (const reader of deliveries) {
      if (keys.has(reader.key)) byKey.set(reader.key, reader);
      if (identities.size > 0) {
        const identity = deliveryIdentity(linkSecret, reader.campaignId, reader.key);
        if (identities.has(identity)) byIdentity.set(identity, reader);
      }
      if (tokens.size > 0 && linkSecret !== null) {
        const token = readerToken(linkSecret, reader.key);
        if (tokens.has(token)) byToken.set(token, reader);
      }
    }
  return { byIdentity, byToken, byKey };
}
