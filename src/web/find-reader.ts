import { isGenuine, type LinkAction, readLink } from '../audience/links.ts';
import type { Confirmation } from '../audience/subscription.ts';
import type { WebPorts } from './ports.ts';

/** Somebody to whom a link belongs. */
export interface FoundReader {
  /** The row that the link names, of a delivery or a subscription. */
  readonly id: number;
  readonly list: string;
  readonly key: string;
  readonly address: string;
  /** Their data was deleted: nothing is known of them but that they are not written to. */
  readonly erased: boolean;
}

/** `dead`: nobody's link, for it was cut, changed or made up; `test`: it stands in a test message. */
export type Found<T> = T | 'dead' | 'test';

/** Finds whose link this is, when it was signed for one of these actions. */
export async function findReader(
  { secrets, ledger }: Pick<WebPorts, 'secrets' | 'ledger'>,
  actions: readonly LinkAction[],
  token: string,
): Promise<Found<FoundReader>> {
  const link = readLink(token);
  if (link === null || !actions.includes(link.action)) return 'dead';
  // A test has no row to check it against, and changes nothing whoever made it up.
  if (link.purpose === 'test') return 'test';
  const reader = await (link.action === 'manage' ? ledger.subscription(link.row) : ledger.delivery(link.row));
  if (!reader || !isGenuine(secrets, link, reader)) return 'dead';
  const { id, list, key, address } = reader;
  return { id, list, key, address, erased: address === '' };
}

/** Finds what waits to be confirmed by this link. */
export async function findConfirmation(
  { secrets, ledger }: Pick<WebPorts, 'secrets' | 'ledger'>,
  token: string,
): Promise<Found<Confirmation>> {
  const link = readLink(token);
  if (link === null || link.action !== 'confirm') return 'dead';
  if (link.purpose === 'test') return 'test';
  const waiting = await ledger.confirmation(link.row);
  return waiting && isGenuine(secrets, link, confirmationOwner(waiting)) ? waiting : 'dead';
}

/** To what the link of a confirmation is bound: what it is for, the lists and the address. */
export function confirmationOwner({ purpose, lists, key }: Pick<Confirmation, 'purpose' | 'lists' | 'key'>): {
  list: string;
  key: string;
} {
  return { list: JSON.stringify([purpose, ...lists]), key };
}
