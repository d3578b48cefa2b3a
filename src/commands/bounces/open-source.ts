import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LARGEST } from '../../bounce/read-incoming.ts';
import type { RawMessage } from '../../bounce/take-in.ts';
import { openImap } from '../../transport/open-imap.ts';
import { parseImapUrl } from '../../transport/parse-imap-url.ts';
import { readMaildir } from './maildir.ts';
import { readMbox } from './mbox.ts';

export interface Source {
  readonly read: AsyncIterable<RawMessage>;
  close(): Promise<void>;
}

/**
 * Opens where bounces come from: `-` standard input, the path of an mbox, a message or a maildir, or an IMAP address.
 * Gives what is wrong with it; throws ImapFault when the mail server does not do its part.
 */
export async function openSource(
  source: string,
  root: string,
  recipients: readonly string[],
): Promise<Source | { readonly fault: string }> {
  const close = async () => {};
  if (source === '-') return { read: readMbox(process.stdin, recipients), close };
  if (/^imaps?:/i.test(source)) {
    const mailbox = parseImapUrl(source);
    if ('fault' in mailbox) return { fault: `BOUNCE_MAILBOX cannot be used: ${mailbox.fault}.` };
    const opened = await openImap(mailbox);
    // One octet more than the largest, so that a larger one is known for what it is.
    return { read: opened.unseen(LARGEST + 1), close: opened.close };
  }
  const path = resolve(root, source);
  const found = source.includes('\0') ? null : await stat(path).catch(() => null);
  if (found?.isFile()) return { read: readMbox(createReadStream(path), recipients), close };
  if (found?.isDirectory() && existsSync(join(path, 'new')) && existsSync(join(path, 'cur')))
    return { read: readMaildir(path), close };
  return { fault: found ? `${source} is no maildir.` : `${source} is not there.` };
}
