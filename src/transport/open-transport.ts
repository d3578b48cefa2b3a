import { startInbox } from './inbox.ts';
import { parseSmtpUrl } from './parse-smtp-url.ts';
import type { OauthClient } from './read-oauth.ts';
import { openSmtp, type SmtpTransport } from './smtp.ts';

export interface OpenTransport {
  readonly transport: SmtpTransport;
  /** Where it goes, without a password. */
  readonly name: string;
  close(): Promise<void>;
}

/**
 * Opens the mail server at `smtpUrl`, which was checked when the configuration was read; null: the inbox on this
 * machine, over real SMTP all the same, which keeps what it gets in `inboxFolder`. `oauth`: who gives tokens for it.
 */
export async function openTransport(
  smtpUrl: string | null,
  connections: number,
  inboxFolder: string,
  oauth: OauthClient | null = null,
): Promise<OpenTransport> {
  const inbox = smtpUrl === null ? await startInbox({ folder: inboxFolder }) : null;
  const relay = parseSmtpUrl(inbox?.url ?? smtpUrl!, oauth);
  if ('fault' in relay) throw new Error(relay.fault);
  const transport = openSmtp(relay, { connections });
  return {
    transport,
    name: inbox ? 'the inbox of this machine' : `${relay.host}:${relay.port}`,
    async close() {
      await transport.close();
      await inbox?.close();
    },
  };
}
