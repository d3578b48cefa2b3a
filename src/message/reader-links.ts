import { type LinkAction, linkSigner } from '../audience/links.ts';
import type { Sender } from '../campaign/campaign.ts';

/** The addresses in one reader's mail; null where the newsletter has no such thing. */
export interface ReaderLinks {
  /** https form of List-Unsubscribe. */
  readonly unsubscribeUrl: string | null;
  /** mailto form. */
  readonly unsubscribeMailto: string | null;
  readonly preferences: string | null;
  readonly web: string | null;
}

/**
 * Signed links of one delivery (`id`; a test has none): `PUBLICURL/u/TOKEN` to unsubscribe, `/p/TOKEN` to preferences,
 * `/v/TOKEN` to the reader's own version in the browser, and `mailto:…?subject=unsubscribe TOKEN`. Short, so that they
 * stay on one line of quoted-printable. Without a secret there are no https links, whatever `publicUrl` says.
 */
export function readerLinks(
  sender: Sender,
  { id = 0, key }: { readonly id?: number; readonly key: string },
  secret: string | null,
): ReaderLinks {
  const { purpose } = sender;
  // There is nothing to leave yet.
  if (purpose === 'confirmation')
    return { unsubscribeUrl: null, unsubscribeMailto: null, preferences: null, web: null };
  const signer = secret === null ? null : linkSigner(secret, { list: sender.listName, key });
  const token = (action: LinkAction) => signer?.({ purpose, action, row: id }) ?? null;
  const url = (path: string, signed: string | null) =>
    signed === null || sender.publicUrl === null ? null : `${sender.publicUrl}/${path}/${signed}`;
  const unsubscribe = token('unsubscribe');
  // A test without any set-up shall not have a dead link in its footer; a live send without one never comes so far.
  const mailbox = sender.unsubscribeMailto ?? (purpose === 'test' ? sender.from.address : null);
  const subject = encodeURIComponent(`unsubscribe ${unsubscribe ?? sender.listName}`);
  return {
    unsubscribeUrl: url('u', unsubscribe),
    unsubscribeMailto: mailbox && `mailto:${mailtoAddress(mailbox)}?subject=${subject}`,
    preferences: url('p', token('preferences')),
    web: url('v', token('web')),
  };
}

/** RFC 6068 §2: everything but the @ that could mean something in a URL is percent-encoded. */
function mailtoAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${encodeURIComponent(address.slice(0, at)).replace(/%2B/g, '+')}${address.slice(at)}`;
}
