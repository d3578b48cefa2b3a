import { addSuppressed } from '../audience/suppressed-file.ts';
import type { Reader } from '../bounce/find-readers.ts';
import { type Arrived, readAll, type Tally, takeIn } from '../bounce/take-in.ts';
import type { Context } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { type Ledger, LedgerError } from '../ledger/ledger.ts';
import { parseDuration } from '../parse-duration.ts';
import type { Terminal } from '../terminal.ts';
import { ImapFault } from '../transport/open-imap.ts';
import { openSource, type Source } from './bounces/open-source.ts';

interface BouncesOptions {
  /** A maildir, an mbox or a message; `-` is standard input; none: the mailbox of the configuration. */
  readonly source?: string;
  readonly recipient?: readonly string[];
  readonly soft: number;
  readonly within: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `npm run bounces`: takes in what came back, and keeps who must not be mailed again out of every campaign. */
export default async function bounces({ app, terminal }: Context, options: BouncesOptions): Promise<number> {
  const { newsletter, linkSecret, linkSecrets, bounceMailbox, root } = app.config;
  const within = parseDuration(options.within);
  if (within === null) {
    terminal.complain(`--within: "${options.within}" is no time.`, 'Write it like 30d.');
    return EXIT.usage;
  }
  const source = options.source ?? bounceMailbox;
  if (source === null) {
    terminal.complain(
      'There is no mailbox to read.',
      'Name a maildir or an mbox, give a message on standard input with -, or set BOUNCE_MAILBOX (see .env.example).',
    );
    return EXIT.usage;
  }
  if (options.source !== undefined && /^imaps?:/i.test(options.source)) {
    terminal.complain(
      'A password on a command line can be seen by others.',
      'Put the address into BOUNCE_MAILBOX.',
    );
    return EXIT.usage;
  }
  let mailbox: Source | null = null;
  let ledger: Ledger | null = null;
  try {
    const messages = await openSource(source, root, options.recipient ?? []);
    if ('fault' in messages) {
      terminal.complain(
        messages.fault,
        'Name a maildir (a folder with new/ and cur/), an mbox, or - for standard input.',
      );
      return EXIT.usage;
    }
    mailbox = messages;
    ledger = await app.openLedger({ create: false, readOnly: options.dryRun === true });
    const opened = ledger;
    const marks: (() => Promise<void>)[] = [];
    /** Soft bounces that a dry run would record. */
    const tried: string[] = [];
    const tally = await takeIn(
      later(readAll(messages.read), marks),
      {
        bounceAddress: newsletter.bounceAddress,
        linkSecrets,
        // Whoever may write to standard input or name a file may also be a server that passes on what strangers send.
        trusted: source === bounceMailbox,
        soft: { most: options.soft, within },
      },
      {
        deliveriesTo: opened.deliveriesTo,
        delivery: opened.delivery,
        everyDelivery: () => everyDelivery(opened),
        async suppress(suppressions) {
          if (options.dryRun) return;
          await opened.suppressAll(suppressions);
          if (linkSecret !== null)
            await app.project.changeSuppressed((text) => addSuppressed(text, suppressions, linkSecret));
        },
        handledReports: opened.handledReports,
        async handleReports(reports) {
          if (options.dryRun) tried.push(...reports.flatMap(({ soft }) => soft));
          else await opened.handleReports(reports);
        },
        softBounces: async (names, since, except) =>
          (await opened.softBounces(names, since, except)) +
          tried.filter((name) => names.includes(name)).length,
        now: Date.now,
      },
    );
    // A ledger on a branch is pushed when it is closed. Only then is a message handled: it could not be had again.
    ledger = null;
    await opened.close();
    if (!options.dryRun) for (const mark of marks) await mark();
    show(terminal, tally, options);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ImapFault) {
      terminal.complain(
        error.message,
        error.again ? 'Run this again.' : 'Check BOUNCE_MAILBOX (see .env.example).',
      );
      return error.again ? EXIT.again : EXIT.configuration;
    }
    if (!(error instanceof LedgerError)) throw error;
    // 75 is EX_TEMPFAIL: Postfix keeps the message and hands it over again.
    terminal.complain(error.message);
    return EXIT.again;
  } finally {
    await mailbox?.close();
    await ledger?.close().catch(() => {});
  }
}

/** Gives the messages out; what marks them as handled is collected. */
async function* later(
  arrivals: AsyncIterable<Arrived>,
  marks: (() => Promise<void>)[],
): AsyncGenerator<Arrived> {
  for await (const arrived of arrivals)
    yield { ...arrived, handled: async () => void marks.push(arrived.handled) };
}

/** The latest first: what comes back is mostly about these. */
async function* everyDelivery(ledger: Ledger): AsyncGenerator<Reader> {
  let rows = await ledger.begunDeliveries();
  while (rows.length > 0) {
    yield* rows;
    rows = await ledger.begunDeliveries(rows.at(-1)!.id);
  }
}

function show(terminal: Terminal, tally: Tally, options: BouncesOptions): void {
  if (options.json) {
    terminal.print(JSON.stringify(tally));
    return;
  }
  const kinds = Object.entries(tally.kinds).filter(([, count]) => count > 0);
  const said = kinds.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'nothing new';
  terminal.say(`${tally.read} read${tally.again > 0 ? `, ${tally.again} handled before` : ''}: ${said}`);
  for (const { key, reason, list } of tally.suppressed)
    terminal.say(`  ${reason} ${key}${list === null ? '' : ` (${list})`}`);
  if (tally.soft > 0)
    terminal.say(`  ${tally.soft} failed for now; ${options.soft} in ${options.within} count as dead`);
  for (const [why, count] of Object.entries(tally.nothing)) terminal.say(`  ${count} ignored: ${why}`);
  if (tally.kept > 0) terminal.say(`  ${tally.kept} left in the mailbox for you to read`);
  if (options.dryRun) terminal.say('Nothing was changed.');
}
