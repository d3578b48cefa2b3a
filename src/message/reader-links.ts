import { type LinkAction, signLink } from '../audience/links.ts';
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
 * Signed links of one reader: `PUBLICURL/unsubscribe/TOKEN`, `/preferences/TOKEN`, `/web/TOKEN`, and
 * `mailto:…?subject=unsubscribe TOKEN`. Without a secret there are no https links, whatever `publicUrl` says.
 */
export function readerLinks(sender: Sender, slug: string, key: string, secret: string | null): ReaderLinks {
  const token = (action: LinkAction) =>
    secret === null
      ? null
      : signLink(secret, { purpose: sender.purpose, action, list: sender.listName, slug, key });
  const url = (action: LinkAction) => {
    const signed = sender.publicUrl === null ? null : token(action);
    return signed === null ? null : `${sender.publicUrl}/${action}/${signed}`;
  };
  // A test without any set-up shall not have a dead link in its footer; a live send without one never comes so far.
  const mailbox = sender.unsubscribeMailto ?? (sender.purpose === 'test' ? sender.from.address : null);
  const subject = encodeURIComponent(`unsubscribe ${token('unsubscribe') ?? sender.listName}`);
  return {
    unsubscribeUrl: url('unsubscribe'),
    unsubscribeMailto: mailbox && `mailto:${mailtoAddress(mailbox)}?subject=${subject}`,
    preferences: url('preferences'),
    web: url('web'),
  };
}

/** RFC 6068 §2: everything but the @ that could mean something in a URL is percent-encoded. */
function mailtoAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${encodeURIComponent(address.slice(0, at)).replace(/%2B/g, '+')}${address.slice(at)}`;
}
