import type { Outcome, Stage } from '../mail.ts';
import { openDialogue } from './dialogue.ts';
import type { Lane } from './exchange.ts';
import { TOKEN_LATER } from './fetch-token.ts';
import { answered, openConnection, type Timeouts, takeSocket } from './open-connection.ts';
import type { Login } from './open-login.ts';
import { outcomeOf, plainText } from './outcome.ts';
import type { SmtpRelay } from './parse-smtp-url.ts';

interface SmtpError extends Error {
  readonly code?: string;
  readonly originalCode?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/** Connects, secures and logs in; gives the lane, or why there is none. Never throws for a server's faults. */
export async function openLane(
  relay: SmtpRelay,
  { logIn, conceal }: Login,
  timeouts: Timeouts,
): Promise<Lane | Outcome> {
  const opening = openConnection(relay, timeouts);
  const { connection } = opening;
  const failed = (stage: Stage, reply: string | null, error: string, configuration = false) => {
    connection.close();
    return outcomeOf({
      stage,
      reply: reply && conceal(reply),
      error: plainText(conceal(error)),
      configuration,
      contentEnded: false,
    });
  };
  // nodemailer's time-outs begin anew with each octet: a server that sends one a minute would hold this lane for ever.
  const patience = setTimeout(() => connection.close(), timeouts.connect + timeouts.socket);
  try {
    await answered<void>(opening, (done) => connection.connect(done as never));
    await logIn(opening);
  } catch (thrown) {
    const { responseCode, response = null, message, ...error } = thrown as SmtpError;
    return failed(
      opening.stage(),
      responseCode ? response : null,
      message,
      !responseCode && isOurs({ ...error, message }),
    );
  } finally {
    clearTimeout(patience);
  }
  const socket = await takeSocket(opening);
  if (socket === null) return failed(opening.stage(), null, 'The server hung up or spoke out of turn');
  const offers = (extension: string) =>
    new RegExp(`^250[ -]${extension}\\b[ \\t]*(\\d*)`, 'im').exec(opening.ehlo());
  const size = offers('SIZE');
  return {
    dialogue: openDialogue(socket),
    pipelining: offers('PIPELINING') !== null,
    takesUtf8: offers('SMTPUTF8') !== null,
    largest: size && (Number(size[1]) || Infinity),
    open: false,
  };
}

/** No reply, and trying again will not help: no TLS, no login. */
function isOurs({ code = '', originalCode = '', message }: Omit<SmtpError, 'name'>): boolean {
  if (/closed unexpectedly|timed out/i.test(message) || originalCode === TOKEN_LATER) return false;
  return (
    code === 'ETLS' ||
    code === 'EAUTH' ||
    /^(?:EPROTO$|ERR_SSL|ERR_TLS)/.test(originalCode) ||
    /certificate|self-signed|altnames/i.test(message)
  );
}
