import type { Sender } from '../campaign/campaign.ts';
import type { Email } from '../email/email.ts';
import { listBehind, type Newsletter } from '../newsletter.ts';

/** Who sends an email to a list, or to a segment of it: frozen with the campaign. `test`: links change nothing, the subject says so. */
export function senderOf(
  newsletter: Newsletter,
  email: Email,
  listOrSegment: string,
  purpose: Sender['purpose'],
): Sender {
  const { name, publicUrl, unsubscribeMailto, bounceAddress, dkim } = newsletter;
  const domain = email.from.address.split('@').at(-1)!;
  const list = listBehind(newsletter, listOrSegment);
  const info = newsletter.lists[list];
  return {
    name,
    from: email.from,
    replyTo: email.replyTo,
    listName: list,
    listTitle: info?.title ?? name,
    listId: info?.id ?? `${list.replace(/[^\w-]/g, '-')}.${domain}`,
    publicUrl,
    unsubscribeMailto,
    bounceAddress,
    dkim,
    purpose,
  };
}
