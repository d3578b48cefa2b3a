import { isGenuine, type Link } from '../audience/links.ts';
import { deliveryIdentity } from '../message/delivery-identity.ts';

/** Somebody whom mail was sent to. */
export interface Reader {
  /** Of the delivery. */
  readonly id: number;
  readonly key: string;
  readonly campaignId: string;
  readonly list: string;
}

/** What messages name readers by. */
export interface Wanted {
  /** Names of deliveries: `deliveryIdentity`. */
  readonly identities: ReadonlySet<string>;
  readonly links: readonly Link[];
  readonly keys: ReadonlySet<string>;
}

export interface FoundReaders {
  readonly byIdentity: ReadonlyMap<string, Reader>;
  /** Links that were signed for the delivery that they name. */
  readonly byLink: ReadonlyMap<Link, Reader>;
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
  linkSecrets: readonly string[],
): Promise<FoundReaders> {
  const byIdentity = new Map<string, Reader>();
  const byLink = new Map<Link, Reader>();
  const byKey = new Map<string, Reader>();
  const { identities, keys } = wanted;
  const links = Map.groupBy(wanted.links, ({ row }) => row);
  if (identities.size + links.size + keys.size > 0)
    for await (const reader of deliveries) {
      if (keys.has(reader.key)) byKey.set(reader.key, reader);
      if (identities.size > 0)
        for (const secret of linkSecrets.length > 0 ? linkSecrets : [null]) {
          const identity = deliveryIdentity(secret, reader.campaignId, reader.key);
          if (identities.has(identity)) byIdentity.set(identity, reader);
        }
      for (const link of links.get(reader.id) ?? [])
        if (isGenuine(linkSecrets, link, reader)) byLink.set(link, reader);
    }
  return { byIdentity, byLink, byKey };
}
