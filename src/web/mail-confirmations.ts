import type { Confirmation } from '../audience/subscription.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Outcome } from '../mail.ts';

/** What the mails that ask to confirm need. */
export interface MailerPorts {
  readonly ledger: Pick<Ledger, 'takeMailDue' | 'setMailDue' | 'forgetConfirmations'>;
  /** Sends to each, one after the other, and gives what became of it; never throws for a server's faults. */
  send(waiting: readonly Confirmation[]): AsyncIterable<readonly [Confirmation, Outcome]>;
  now(): number;
  log(line: string): void;
}

export interface ConfirmationMailer {
  /** There may be something to send. */
  wake(): void;
  /** Ends when what is being sent has been. */
  close(): Promise<void>;
}

const MINUTE = 60_000;
/** After so many ms it is looked again, for another process may have left something. */
const LOOK = MINUTE;
/** Who does not say what became of a mail for so long has died. */
const LEASE = 5 * MINUTE;
const BATCH = 20;
/** After each try that failed for now; then as long as the link is good. */
const BACKOFF = [1, 5, 15, 60, 240];
/** Used and old ones can still be told from dead links for so long. */
const KEPT = 90 * 24 * 60 * MINUTE;

/**
 * Sends the mails that ask to confirm as they fall due. The ledger is the queue: who asked is answered before the mail
 * is sent, and a server that dies or cannot reach its relay loses none.
 */
export function openConfirmationMailer(ports: MailerPorts): ConfirmationMailer {
  const { ledger, now, log } = ports;
  let running: Promise<void> | null = null;
  let again = false;
  let closed = false;

  const sendDue = async () => {
    for (;;) {
      const waiting = closed ? [] : await ledger.takeMailDue(now(), BATCH, LEASE);
      if (waiting.length === 0) return;
      for await (const [{ id, tries }, outcome] of ports.send(waiting)) {
        const later = (BACKOFF[tries - 1] ?? BACKOFF.at(-1)!) * MINUTE;
        // Uncertain ones may have come: who got nothing asks again.
        await ledger.setMailDue(id, outcome.kind === 'deferred' ? now() + later : null);
        if (outcome.kind !== 'accepted') log(`confirmation ${id}: ${outcome.kind} ${wordsOf(outcome)}`);
        // The others are due again when their lease is over.
        if (closed) return;
      }
    }
  };
  const wake = () => {
    again = true;
    running ??= (async () => {
      while (again && !closed) {
        again = false;
        await sendDue().catch((error: Error) => log(`confirmations: ${error.message}`));
      }
      running = null;
    })();
  };
  const timer = setInterval(() => {
    wake();
    void ledger.forgetConfirmations(now() - KEPT).catch(() => {});
  }, LOOK);
  wake();
  return {
    wake,
    async close() {
      closed = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** The relay's words hold the address; who looks for one in the log asks the ledger. */
function wordsOf(outcome: Outcome): string {
  const { stage } = outcome;
  return 'reply' in outcome && outcome.reply ? `${outcome.reply.code} at ${stage}` : `at ${stage}`;
}
