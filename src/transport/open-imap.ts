import { ImapFlow } from 'imapflow';
import type { ImapMailbox } from './parse-imap-url.ts';

/** The mailbox cannot be read now (`again`), or not with this configuration. */
export class ImapFault extends Error {
  readonly again: boolean;
  constructor(message: string, again: boolean) {
    super(message);
    this.again = again;
  }
}

/** A message that nobody has seen. */
export interface UnseenMessage {
  readonly bytes: Uint8Array;
  /** IMAP tells no envelope. */
  readonly envelope: readonly string[];
  /** Marks it as seen; it stays where it is. */
  handled(): Promise<void>;
}

export interface OpenMailbox {
  /** What nobody has seen, without marking it; of each message at most so many octets. */
  unseen(most: number): AsyncGenerator<UnseenMessage>;
  /** The header of the message with this Message-ID, once it is there; null: it is not. */
  headerOf(messageId: string): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** Opens an IMAP mailbox (RFC 9051). Throws ImapFault; so do its methods. */
export async function openImap(mailbox: ImapMailbox): Promise<OpenMailbox> {
  const { host, port, secure, local, user, password, folder } = mailbox;
  const client = new ImapFlow({
    host,
    port,
    secure,
    // Without TLS a password would be read on the way; on this machine a server may have no certificate that counts.
    doSTARTTLS: secure ? undefined : !local,
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
  });
  // A lost connection is told by the call that was waiting; an error event without a listener would end the process.
  client.on('error', () => {});
  const asked = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw faultOf(error, what, `${host}:${port}`, password);
    }
  };
  try {
    await asked('cannot be opened', () => client.connect());
    await asked(`has no folder "${folder}"`, () => client.mailboxOpen(folder));
  } catch (error) {
    client.close();
    throw error;
  }
  return {
    unseen: (most) => unseen(client, asked, most),
    async headerOf(messageId) {
      const work = async () => {
        // A server tells of what has come in since only when it is spoken to.
        await client.noop();
        const uids = (await client.search({ header: { 'message-id': messageId } }, { uid: true })) || [];
        const uid = uids.at(-1);
        if (uid === undefined) return null;
        const found = await client.fetchOne(String(uid), { headers: true }, { uid: true });
        return found ? (found.headers ?? null) : null;
      };
      return asked('cannot be searched', work);
    },
    close: () => client.logout().catch(() => client.close()),
  };
}

async function* unseen(
  client: ImapFlow,
  asked: <T>(what: string, work: () => Promise<T>) => Promise<T>,
  most: number,
): AsyncGenerator<UnseenMessage> {
  const uids = (await asked('cannot be searched', () => client.search({ seen: false }, { uid: true }))) || [];
  for (const uid of uids) {
    const found = await asked('cannot be read', () =>
      client.fetchOne(String(uid), { source: { maxLength: most } }, { uid: true }),
    );
    // Another program has moved it meanwhile.
    const source = found ? found.source : undefined;
    if (!source) continue;
    yield {
      bytes: source,
      envelope: [],
      handled: async () => {
        await asked('cannot be written', () =>
          client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true }),
        );
      },
    };
  }
}

function faultOf(error: unknown, what: string, where: string, password: string): ImapFault {
  const { message, responseText, authenticationFailed, code } = error as Error & {
    responseText?: string;
    authenticationFailed?: boolean;
    code?: string;
  };
  const words = (responseText || message || code || '').replaceAll(password, '…').slice(0, 200);
  if (authenticationFailed) return new ImapFault(`${where} refuses user or password: ${words}`, false);
  return new ImapFault(
    `The mailbox at ${where} ${what}: ${words}`,
    !/folder|certificate|self-signed/.test(`${what} ${words}`),
  );
}
