import { randomBytes } from 'node:crypto';
import { normaliseAddress } from '../../audience/normalise-address.ts';
import { readList } from '../../audience/read-list.ts';
import { targetOf } from '../../audience/target.ts';
import type { Context } from '../../cli.ts';
import type { Email } from '../../email/email.ts';
import { embedPictures } from '../../email/embed-pictures.ts';
import { sendTests, type TestResult } from '../../engine/send-tests.ts';
import { EXIT } from '../../exit.ts';
import type { Issue } from '../../issue/issue.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { prepareMessages, type Recipient } from '../../message/prepare-messages.ts';
import { senderOf } from '../../message/sender-of.ts';
import { showFindings } from '../../show-findings.ts';
import type { SendOptions } from '../send.ts';
import { leaveReceipt } from './approval.ts';
import { mendServer } from './mend-server.ts';
import { openReaders, type Readers, readReaders } from './read-readers.ts';
import { withLedger } from './with-ledger.ts';

/** Sends an issue to list `staff`, or to the addresses named, marked [TEST]; no campaign is written (invariant 7). */
export default async function sendTest(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
): Promise<number> {
  const { smtpUrls, approval, ci, ledger } = context.app.config;
  const recipients = await recipientsOf(context, issue, email, options);
  if (typeof recipients === 'number') return recipients;
  const toInbox = options.inbox === true || smtpUrls.length === 0;
  // What went into our own inbox nobody has seen; and a receipt on a disk that is forgotten is none.
  if (approval === 'none' || toInbox || (ci && ledger === null))
    return test(context, issue, email, options, recipients, toInbox);
  // Opened first: a test whose receipt could not be kept would have to be sent again.
  return withLedger(context, { ...options, dryRun: false }, (kept) =>
    test(context, issue, email, options, recipients, toInbox, kept),
  );
}

/** The same with a ledger that is open already: what a mail server takes leaves a receipt there. */
export async function testWithReceipt(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
  ledger: Ledger,
): Promise<number> {
  const recipients = await recipientsOf(context, issue, email, options);
  if (typeof recipients === 'number') return recipients;
  return test(context, issue, email, options, recipients, false, ledger);
}

async function test(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
  recipients: Recipient[],
  toInbox: boolean,
  ledger?: Ledger,
): Promise<number> {
  const { app, terminal } = context;
  const { newsletter, linkSecret, dkimKey } = app.config;

  const opened = await app.openTransport(toInbox);
  const list = options.list ?? issue.list ?? newsletter.list;
  const sender = senderOf(newsletter, email, list, 'test');
  const stamp = prepareMessages(
    embedPictures(email, newsletter.publicUrl),
    { id: `test-${randomBytes(6).toString('hex')}`, sender },
    { linkSecret, dkimKey },
  );
  terminal.say(
    `A test of ${terminal.paint('bold', issue.slug)} to ${recipients.length === 1 ? 'one address' : `${recipients.length} addresses`}, through ${opened.name}.`,
  );
  const results: TestResult[] = [];
  try {
    for await (const result of sendTests({
      transport: opened.transport,
      stamp,
      recipients,
      now: Date.now,
      signal: context.signal,
    })) {
      results.push(result);
      const accepted = result.outcome === 'accepted';
      const line = `${terminal.paint(accepted ? 'green' : 'red', result.outcome)} ${result.to}  ${terminal.paint('dim', result.reply)}`;
      if (accepted) terminal.say(line);
      else terminal.insist(line);
    }
  } finally {
    await opened.close();
  }
  if (context.signal.aborted) return EXIT.interrupted;
  const worst = exitOf(results);
  if (ledger && worst === EXIT.ok) await leaveReceipt(context, ledger, email, sender, 'test');
  if (options.json) terminal.print(JSON.stringify(results));
  if (worst === EXIT.again)
    terminal.complain(
      'The mail server does not take it now.',
      'Run this again later, or rehearse with --inbox.',
    );
  if (worst === EXIT.configuration)
    terminal.complain(
      'The mail server refuses us.',
      mendServer(results.find(({ cause }) => cause === 'configuration')?.reply ?? ''),
    );
  if (toInbox)
    terminal.say(
      `\nNo real mail was sent: it went to ${opened.name}, .broadsheet/inbox/. See it with: npm run preview\n` +
        'To send real mail, put your server into .env: SMTP_URL=smtp://user:password@smtp.example.com:587',
    );
  return worst;
}

function exitOf(results: readonly TestResult[]): number {
  if (results.some(({ cause }) => cause === 'configuration')) return EXIT.configuration;
  if (results.some(({ outcome }) => outcome === 'deferred')) return EXIT.again;
  return results.every(({ outcome }) => outcome === 'accepted') ? EXIT.ok : EXIT.undelivered;
}

/** Who gets the test; the fields are those of `--as`, of the staff list, or none. */
async function recipientsOf(
  context: Context,
  issue: Issue,
  email: Email,
  options: SendOptions,
): Promise<Recipient[] | number> {
  const { app, terminal } = context;
  const read = async (name: string): Promise<Readers & { readonly noFile: boolean }> => {
    const target = targetOf(app.config.newsletter, name);
    const list = await app.project.list(target.list);
    if ('findings' in list) return { ...openReaders([]).readers(), findings: list.findings, noFile: true };
    const readers = await readReaders(
      readList(list.path, list.chunks()),
      target,
      () => null,
      () => false,
      email.fields,
    );
    return { ...readers, noFile: false };
  };
  let fields: Recipient['fields'] | null = null;
  const audience = await read(options.list ?? issue.list ?? app.config.newsletter.list);
  if (options.as !== undefined) {
    const wanted = normaliseAddress(options.as);
    const reader =
      'key' in wanted
        ? Iterator.from(audience.mailed).find(({ subscriber }) => subscriber.key === wanted.key)
        : undefined;
    if (!reader) {
      terminal.complain(
        `--as: nobody on the list has the address ${options.as}.`,
        'Choose one with --list NAME --as ADDR.',
      );
      return EXIT.usage;
    }
    fields = reader.subscriber.fields;
  }
  const lacking = audience.missing;
  await showFindings(context, lacking);
  if (lacking.some(({ severity }) => severity === 'error')) {
    terminal.complain('Nothing was sent.', 'Mend the errors above and run this again.');
    return EXIT.findings;
  }
  if (options.to) {
    const parsed = options.to.map((text) => ({ text, ...normaliseAddress(text) }));
    const faults = parsed.filter((one) => 'fault' in one);
    for (const one of faults)
      terminal.complain(`--to: "${one.text}" is no address: ${'fault' in one ? one.fault : ''}.`);
    if (faults.length > 0) return EXIT.usage;
    return parsed.flatMap((one) =>
      'key' in one ? [{ address: one.address, key: one.key, fields: fields ?? {} }] : [],
    );
  }
  const staff = await read('staff');
  terminal.findings(staff.findings);
  if (staff.noFile) {
    terminal.complain(
      'A test goes to the list "staff".',
      'Make subscribers/staff.csv, or name addresses: --to me@example.com',
    );
    return EXIT.findings;
  }
  if (staff.mailed.length === 0) {
    terminal.complain(
      'The list "staff" is empty.',
      'Put your address into subscribers/staff.csv, or name one: --to me@example.com',
    );
    return EXIT.findings;
  }
  return Array.from(staff.mailed, ({ subscriber }) => ({
    ...subscriber,
    fields: fields ?? subscriber.fields,
  }));
}
