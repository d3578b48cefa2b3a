import { type Link, readLink } from '../audience/links.ts';
import { normaliseAddress } from '../audience/normalise-address.ts';
import type { Incoming } from './incoming.ts';

/** Whom a message claims to be about, best proof first. */
export interface Claims {
  /** In the reverse-path that it was sent to (VERP), or that a returned message bore. */
  readonly verp: readonly string[];
  /** In the Message-ID of the returned message. */
  readonly messageIds: readonly string[];
  /** Keys of the addresses that the report names; of a request to unsubscribe, who wrote it. */
  readonly keys: readonly string[];
  /** The link in a request to unsubscribe; whose it is, the row that it names will tell. */
  readonly link: Link | null;
}

/** Reads the names in a message. `bounceAddress`: `bounce@example.com` where reverse-paths are `bounce+NAME@…`. */
export function claimsOf(incoming: Incoming, { bounceAddress }: { bounceAddress: string | null }): Claims {
  const local = localPart(bounceAddress ?? '');
  // At whatever host it came in: a mailbox may have several, and nobody else can make the name.
  const verp = incoming.paths.flatMap((path) => {
    const name = localPart(path);
    const token = local !== '' && name.startsWith(`${local}+`) ? name.slice(local.length + 1) : '';
    return /^[0-9a-f]{32}$/.test(token) ? [token] : [];
  });
  const messageIds = incoming.messageIds.flatMap((id) => /^<([0-9a-f]{32})\.[\w-]+@/.exec(id)?.[1] ?? []);
  const named =
    incoming.kind === 'unsubscribe' ? [incoming.from] : incoming.failures.map(({ address }) => address);
  const keys = named.flatMap((address) => {
    const normal = normaliseAddress(address);
    return 'key' in normal ? [normal.key] : [];
  });
  const link = readLink(incoming.unsubscribe);
  return { verp, messageIds, keys: [...new Set(keys)], link };
}

/** In lower case, for some servers change that. */
function localPart(address: string): string {
  return address.slice(0, address.lastIndexOf('@')).toLowerCase();
}
