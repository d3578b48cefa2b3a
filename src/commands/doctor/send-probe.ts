import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { normaliseAddress } from '../../audience/normalise-address.ts';
import type { Context } from '../../cli.ts';
import { type Diagnosis, shown } from '../../doctor/diagnosis.ts';
import { readAuthenticationResults } from '../../doctor/read-authentication-results.ts';
import { sendTests } from '../../engine/send-tests.ts';
import { prepareMessages } from '../../message/prepare-messages.ts';
import { senderOf } from '../../message/sender-of.ts';
import { ImapFault, openImap } from '../../transport/open-imap.ts';
import { parseImapUrl } from '../../transport/parse-imap-url.ts';

/** How long a message may take to arrive, and how often is looked. */
const PATIENCE = 60_000;
const STEP = 2000;

/**
 * Sends the newest issue as a test to one address, as `send --test` would. Where BOUNCE_MAILBOX is an IMAP mailbox, it
 * waits there for the message and reads what its receiver made of it. Gives what it found; throws nothing.
 */
export async function sendProbe(context: Context, to: string): Promise<Diagnosis[]> {
  const { app, signal } = context;
  const { newsletter, smtpUrls, linkSecret, dkimKey, bounceMailbox } = app.config;
  const address = normaliseAddress(to);
  if ('fault' in address) return [say('fail', `--to: ${address.fault}.`, 'Name one address.')];
  if (smtpUrls.length === 0) return [say('fail', 'Nothing was sent: there is no server.', 'Set SMTP_URL.')];
  const newest = await app.newest();
  const email = newest && (await app.render(newest)).email;
  if (!newest?.issue || !email)
    return [say('fail', 'Nothing was sent: there is no issue that compiles.', 'npm run check')];
  const sender = senderOf(newsletter, email, newest.issue.list ?? newsletter.list, 'test');
  const campaign = { id: `test-${randomBytes(6).toString('hex')}`, sender };
  const opened = await app.openTransport(false);
  let messageId = '';
  try {
    const stamp = prepareMessages(email, campaign, { linkSecret, dkimKey });
    const recipients = [{ ...address, fields: {} }];
    for await (const result of sendTests({
      transport: opened.transport,
      stamp,
      recipients,
      now: Date.now,
      signal,
    })) {
      if (result.outcome !== 'accepted')
        return [
          say(
            'fail',
            `The test to ${result.to} was ${result.outcome}: ${shown(result.reply)}`,
            'Read the words of the server.',
          ),
        ];
      messageId = result.messageId ?? '';
    }
  } finally {
    await opened.close();
  }
  const sent = say('pass', `The server took a test to ${address.address}.`, '');
  const mailbox = /^imaps?:/i.test(bounceMailbox ?? '') ? parseImapUrl(bounceMailbox!) : null;
  const look = 'Open it there and look for spf=pass, dkim=pass and dmarc=pass under "show original".';
  if (!mailbox || 'fault' in mailbox)
    return [sent, say('unknown', 'Its mailbox cannot be read from here.', look)];
  try {
    const results = await arrived(mailbox, messageId, signal);
    if (results.length > 0) return [sent, ...results];
    return [
      sent,
      say(
        'unknown',
        `It was not seen in ${mailbox.folder} at ${mailbox.host}.`,
        `Look among the spam. ${look}`,
      ),
    ];
  } catch (error) {
    if (error instanceof ImapFault)
      return [sent, say('unknown', shown(error.message), 'Check BOUNCE_MAILBOX.')];
    throw error;
  }
}

async function arrived(
  mailbox: Parameters<typeof openImap>[0],
  messageId: string,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const imap = await openImap(mailbox);
  try {
    for (let waited = 0; waited <= PATIENCE && !signal.aborted; waited += STEP) {
      const header = await imap.headerOf(messageId);
      if (header) {
        const results = readAuthenticationResults(Buffer.from(header).toString('latin1'));
        return results.length > 0
          ? results
          : [
              say(
                'unknown',
                'It arrived, but its receiver does not say what it found.',
                'Send it to another mailbox.',
              ),
            ];
      }
      await sleep(STEP, undefined, { signal }).catch(() => {});
    }
    return [];
  } finally {
    await imap.close();
  }
}

function say(verdict: Diagnosis['verdict'], says: string, mend: string): Diagnosis {
  return { check: 'smtp', verdict, says, mend, source: 'RFC 8601' };
}
