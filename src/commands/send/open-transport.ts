import type { Context } from '../../cli.ts';
import { startInbox } from '../../transport/inbox.ts';
import { parseSmtpUrl } from '../../transport/parse-smtp-url.ts';
import { openSmtp, type SmtpTransport } from '../../transport/smtp.ts';

export interface OpenTransport {
  readonly transport: SmtpTransport;
  /** Where it goes, without a password. */
  readonly name: string;
  close(): Promise<void>;
}

/** Opens the configured mail server, or the inbox on this machine (over real SMTP all the same). */
export async function openTransport({ app }: Context, inbox: boolean): Promise<OpenTransport> {
  const { smtpUrls, newsletter } = app.config;
  const { connections } = newsletter.limits;
  if (inbox) {
    const running = await startInbox({ folder: app.state('inbox') });
    const relay = parseSmtpUrl(running.url);
    if ('fault' in relay) throw new Error(relay.fault);
    const transport = openSmtp(relay, { connections });
    const close = async () => {
      await transport.close();
      await running.close();
    };
    return { transport, name: 'the inbox of this machine', close };
  }
  // The configuration was read without a fault.
  const relay = parseSmtpUrl(smtpUrls[0]!);
  if ('fault' in relay) throw new Error(relay.fault);
  const transport = openSmtp(relay, { connections });
  return { transport, name: `${relay.host}:${relay.port}`, close: () => transport.close() };
}
