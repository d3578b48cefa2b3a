import { isGenuine, type LinkAction, readLink } from '../audience/links.ts';
import type { SentTo, WebPorts } from './ports.ts';

/** Whose link this is; `dead`: nobody's, for it was cut, changed or made up; `test`: it stands in a test message. */
export type FoundReader = SentTo | 'dead' | 'test';

/** Finds the reader of a delivery by the link in their mail, when it was signed for this action. */
export async function findReader(
  ports: Pick<WebPorts, 'secrets' | 'delivery'>,
  action: LinkAction,
  token: string,
): Promise<FoundReader> {
  const link = readLink(token);
  if (link === null || link.action !== action) return 'dead';
  // A test has no row to check it against, and changes nothing whoever made it up.
  if (link.purpose === 'test') return 'test';
  const reader = await ports.delivery(link.row);
  return reader && isGenuine(ports.secrets, link, reader) ? reader : 'dead';
}
