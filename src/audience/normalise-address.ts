import { parseMailbox } from '../mailbox.ts';

/**
 * An address as it is mailed, and its key: NFC, lower case, A-label domain. The key is the reader's identity in the
 * ledger, so this rule never changes (DESIGN invariant 1). Gives what is wrong when it is no address.
 */
export function normaliseAddress(
  text: string,
): { readonly address: string; readonly key: string } | { readonly fault: string } {
  const mailbox = parseMailbox(text);
  if ('fault' in mailbox) return mailbox;
  if (mailbox.name !== '') return { fault: 'it holds a name; names go in a column of their own' };
  return { address: mailbox.address, key: mailbox.address.toLowerCase().normalize('NFC') };
}
