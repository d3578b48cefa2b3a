import type { TLSSocket } from 'node:tls';
import { answered, openConnection } from './open-connection.ts';
import { openLogin } from './open-login.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

/** How far one came with a mail server, without sending anything. */
export interface RelayProbe {
  /** Where it ended, and why; null: it came to the end. */
  readonly failed: { readonly stage: string; readonly words: string } | null;
  /** Null: in plain text. */
  readonly tls: { readonly protocol: string; readonly validTo: string } | null;
  /** Lines of the answer to EHLO, after the first: `SIZE 35882577`, `8BITMIME`. */
  readonly capabilities: readonly string[];
  readonly loggedIn: boolean;
}

const TIMEOUT = 15_000;

/** Connects, upgrades to TLS and logs in as a delivery would, then leaves. Never throws; no word holds a password. */
export async function probeRelay(relay: SmtpRelay): Promise<RelayProbe> {
  const lane = openConnection(relay, { connect: TIMEOUT, socket: TIMEOUT });
  const { connection } = lane;
  const { logIn, conceal } = openLogin(relay);
  let probe: RelayProbe = { failed: null, tls: null, capabilities: [], loggedIn: false };
  try {
    await answered<void>(lane, (done) => connection.connect(done as never));
    const socket = (connection as never as { _socket: TLSSocket })._socket;
    probe = {
      ...probe,
      tls: connection.secure
        ? { protocol: socket.getProtocol() ?? '', validTo: socket.getPeerCertificate().valid_to ?? '' }
        : null,
      capabilities: capabilitiesIn(String(connection.lastServerResponse)),
    };
    if (relay.user !== null) {
      await logIn(lane);
      probe = { ...probe, loggedIn: true };
    }
    return probe;
  } catch (error) {
    return { ...probe, failed: { stage: lane.stage(), words: conceal((error as Error).message) } };
  } finally {
    connection.close();
  }
}

function capabilitiesIn(reply: string): string[] {
  const lines = reply.split(/\r?\n/).slice(1, 100);
  return lines.flatMap((line) => /^250[ -](.{1,200})$/.exec(line)?.[1]?.trim() ?? []);
}
