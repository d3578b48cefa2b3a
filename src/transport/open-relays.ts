import type { Limits, RelayLimits } from '../newsletter.ts';
import { startInbox } from './inbox.ts';
import { parseSmtpUrl } from './parse-smtp-url.ts';
import type { OauthClient } from './read-oauth.ts';
import type { RelayOptions } from './relays-of.ts';
import { openSmtp, type SmtpTransport } from './smtp.ts';

/** Where a campaign goes. */
export interface OpenRelays {
  readonly relays: readonly {
    readonly name: string;
    readonly transport: SmtpTransport;
    readonly weight: number | null;
    readonly limits: RelayLimits;
  }[];
  close(): Promise<void>;
}

/**
 * Opens all relays of the configuration; null: the inbox on this machine, over real SMTP and under the same limits, which
 * keeps what it gets in `inboxFolder`.
 */
export async function openRelays(
  options: readonly RelayOptions[] | null,
  limits: Limits,
  inboxFolder: string,
  oauth: OauthClient | null,
): Promise<OpenRelays> {
  const inbox = options === null ? await startInbox({ folder: inboxFolder }) : null;
  const all = options ?? [{ name: 'inbox', url: inbox!.url, weight: null, limits }];
  const relays = all.map(({ url, ...relay }) => {
    const parsed = parseSmtpUrl(url, oauth);
    if ('fault' in parsed) throw new Error(parsed.fault);
    return { ...relay, transport: openSmtp(parsed, { connections: relay.limits.connections }) };
  });
  return {
    relays,
    async close() {
      await Promise.all(relays.map(({ transport }) => transport.close()));
      await inbox?.close();
    },
  };
}
