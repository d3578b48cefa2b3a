import { Command, CommanderError, Option } from 'commander';
import { defineSubscribers } from './commands/subscribers/define.ts';
import { EXIT } from './exit.ts';
import { systemFault } from './system-fault.ts';
import { openTerminal } from './terminal.ts';

/** Options that every command has. */
interface Common {
  readonly quiet?: boolean;
  readonly input?: boolean;
  readonly json?: boolean;
}

const program = new Command('broadsheet')
  .description('An email newsletter as code. Run it through npm: npm run COMMAND -- OPTIONS')
  .configureHelp({ sortSubcommands: false })
  .exitOverride();

const command = (name: string, description: string, examples: string[], parent = program) =>
  parent
    .command(name)
    .description(description)
    .option('-q, --quiet', 'only errors and data')
    .option('--no-input', 'never ask')
    .option('--json', 'data as JSON on standard output')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`)
    .exitOverride();

command('preview', 'Show the issues in a browser, as readers will see them, and keep the inbox.', [
  'npm run preview',
  'npm run preview -- --port 4000',
])
  .addOption(new Option('--port <n>', 'port on 127.0.0.1 (3000, or the next that is free)').argParser(whole))
  .action((options) => run(options, () => import('./commands/preview.ts'), options));

command('send', 'Send a test, or deliver an issue to a list, once to each reader. Run it again to go on.', [
  'npm run send -- --test                     the newest issue to the list "staff"',
  'npm run send -- --test hello --to me@example.com',
  'npm run send -- hello --list weekly --dry-run',
  'npm run send -- hello --list weekly        shows the plan, asks, delivers',
  `npm run send -- hello --where 'plan == "pro" and joined > 2026-01-01'`,
  'npm run send -- --due --until 50m          what "sendAt" says is due; for cron and CI',
])
  .argument('[issue]', 'slug or path of the issue; a test takes the newest')
  .option('--test', 'send to staff, subject marked [TEST]')
  .option('--scheduled', 'with --test: each issue with a "sendAt" to come that nobody has seen as it is now')
  .option('--due', 'begin what is due by its "sendAt", go on with what is under way; asks nobody')
  .option('--to <address...>', 'with --test: to these addresses instead')
  .option('--as <address>', 'with --test: with the fields of this subscriber')
  .option('--list <name>', 'to this list or segment')
  .option('--where <condition>', 'only to those for whom it is true')
  .option('--dry-run', 'show the plan, send nothing')
  .option('--confirm <slug>', 'the slug, typed beforehand')
  .addOption(
    new Option(
      '--until <time>',
      'how long to wait for deferred mail; with --due the end of the run: 30m, 2h',
    ).default('30m'),
  )
  .option('--to-new', 'only to those who joined since it was sent')
  .option('--approve', 'record by hand that the issue, as it is now, may be sent')
  .option('--new-ledger', 'with LEDGER=git: nothing was ever sent, begin a new ledger')
  .option('--log <file>', 'add a line of JSON there for each settled delivery')
  .option('--inbox', 'a rehearsal into the local inbox, never recorded')
  .action((issue, options) => run(options, () => import('./commands/send.ts'), { ...options, issue }));

command(
  'check',
  'Look for faults: issues with their links, images and words, templates, lists, configuration.',
  [
    'npm run check',
    'npm run check -- hello --strict',
    'npm run check -- hello --links',
    'npm run -s check -- --json > findings.json',
  ],
)
  .argument('[issues...]', 'slugs or paths; all when none is named')
  .option('--strict', 'warnings fail too')
  .option('--links', 'ask the web whether each link works')
  .action((issues, options) => run(options, () => import('./commands/check.ts'), { ...options, issues }));

command('build', 'Write an issue as .html, .txt and .eml, or the archive of all that went out.', [
  'npm run build -- hello',
  'npm run build -- issues/2026-11-hello.md --out /tmp/hello',
  'npm run build -- --site public             index, pages, feeds and pictures, for any host',
])
  .argument('[issue]', 'slug or path of the issue')
  .option('--out <dir>', 'folder to write to', 'dist')
  .option('--site <dir>', 'the archive of what went out, as files')
  .action((issue, options) => run(options, () => import('./commands/build.ts'), { ...options, issue }));

command('status', 'What became of the mail: counts, replies, rejected and uncertain deliveries.', [
  'npm run status',
  'npm run status -- hello',
  'npm run status -- hello --pause',
  'npm run status -- hello --resolve resend          send uncertain deliveries once more',
  'npm run status -- hello --retry-rejected 5.7.1    queue who was rejected for that again',
  'npm run status -- hello --report hello.html       a page with plots',
  'npm run -s status -- hello --csv > hello.csv      every delivery',
])
  .argument('[issue]', 'slug or path of the issue')
  .addOption(
    new Option('--resolve <how>', 'what becomes of uncertain deliveries').choices(['resend', 'accept']),
  )
  .addOption(
    new Option(
      '--retry-rejected <reason>',
      'a code (550, 5.7.1), words of the reply, or "all": who was rejected for that is queued again',
    ).conflicts('resolve'),
  )
  .addOption(
    new Option('--pause', 'stop before the next message').conflicts([
      'resume',
      'cancel',
      'resolve',
      'retryRejected',
    ]),
  )
  .addOption(new Option('--resume', 'allow sending again').conflicts(['cancel', 'resolve', 'retryRejected']))
  .addOption(new Option('--cancel', 'never send the rest').conflicts('retryRejected'))
  .addOption(new Option('--csv', 'every delivery as CSV on standard output').conflicts(['json', 'report']))
  .addOption(new Option('--report <file>', 'write a page with plots').conflicts('json'))
  .action((issue, options) => run(options, () => import('./commands/status.ts'), { ...options, issue }));

command(
  'serve',
  'The public server: readers subscribe, choose and leave there. Runs until it is told to stop.',
  ['npm run serve', 'npm run serve -- --port 8080 --host 127.0.0.1'],
)
  .addOption(new Option('--port <n>', 'port to listen on').argParser(whole).default(8080))
  .option('--host <address>', 'address to listen on; a proxy on this machine needs no other', '127.0.0.1')
  .action((options) => run(options, () => import('./commands/serve.ts'), options));

command('bounces', 'Take in bounces, complaints and requests to unsubscribe that came by mail.', [
  'npm run bounces                             the mailbox in BOUNCE_MAILBOX',
  'npm run bounces -- /var/mail/bounce         an mbox, or a maildir',
  'npm run -s bounces -- - < message.eml       one message, as a mail server pipes it',
])
  .argument('[source]', 'a maildir, an mbox, a message, or - for standard input')
  .option('--recipient <address...>', 'the envelope recipient, where a mail server tells it')
  .addOption(
    new Option('--soft <n>', 'so many soft bounces of a reader count as a hard one')
      .argParser(whole)
      .default(5),
  )
  .addOption(new Option('--within <time>', 'within this time').default('30d'))
  .option('--dry-run', 'change nothing')
  .action((source, options) => run(options, () => import('./commands/bounces.ts'), { ...options, source }));

const subscribers = defineSubscribers(program, command, (options, more) =>
  run(options, () => import('./commands/subscribers.ts'), { ...options, ...more }),
);

command(
  'doctor',
  'Would a send be accepted? Looks at configuration, mail server, DNS and the rules of mailboxes.',
  [
    'npm run doctor',
    'npm run -s doctor -- --records             the DNS records to publish',
    'npm run -s doctor -- --json',
  ],
)
  .option('--records', 'print the DNS records to publish')
  .option('--to <address>', 'send the newest issue there as a test, and read what its receiver says of it')
  .option('--dns <host:port>', 'ask this DNS server')
  .action((options) => run(options, () => import('./commands/doctor.ts'), options));

command(
  'keys',
  'Make the secrets that are not set yet: a DKIM key, what signs links, what seals the ledger’s branch.',
  ['npm run -s keys -- new >> .env'],
)
  .argument('<what>', 'new')
  .option('--ed25519', 'a second DKIM key of this newer kind')
  .option('--all', 'also what is set already, to change it')
  .action((what, options) => run(options, () => import('./commands/keys.ts'), { ...options, what }));

/** Loads configuration and the command, hands it the app, and leaves with its exit code. */
async function run<Options>(
  common: Common,
  load: () => Promise<{ default: (context: Context, options: Options) => Promise<number> }>,
  options: Options,
): Promise<void> {
  const terminal = openTerminal({ quiet: common.quiet === true, input: common.input !== false });
  const { loadConfig, takenByNpm } = await import('./config.ts');
  const taken = takenByNpm(
    [...program.commands, ...subscribers.commands].flatMap((one) =>
      one.options.map(({ long }) => long ?? ''),
    ),
  );
  if (taken.length > 0) {
    terminal.complain(
      `npm has taken ${taken.join(' and ')} for itself: nothing was done.`,
      'Write -- before the options, for example: npm run send -- hello --dry-run',
    );
    process.exitCode = EXIT.usage;
    return;
  }
  try {
    const loaded = await loadConfig(process.cwd());
    if ('findings' in loaded) {
      terminal.findings(loaded.findings);
      process.exitCode = EXIT.configuration;
      return;
    }
    const [{ openApp }, { default: act }] = await Promise.all([import('./app.ts'), load()]);
    let signal: AbortSignal | null = null;
    const context: Context = {
      app: openApp(loaded.config),
      terminal,
      // Only what asks for it finishes its work first: all else ends at once, as a program does.
      get signal() {
        signal ??= interruption();
        return signal;
      },
    };
    process.exitCode = await act(context, options);
  } catch (error) {
    const fault = systemFault(error);
    if (!fault) throw error;
    terminal.complain(fault.message, fault.hint);
    process.exitCode = fault.passes ? EXIT.again : EXIT.configuration;
  }
}

/** What a command works with. */
export interface Context {
  readonly app: import('./app.ts').App;
  readonly terminal: import('./terminal.ts').Terminal;
  /** Aborted at the first SIGINT or SIGTERM; a second one, after 500 ms, ends the process at once. */
  readonly signal: AbortSignal;
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const onSignal = () => {
    // A terminal's Ctrl-C can arrive twice, from the terminal and from npm: within 500 ms it counts once.
    if (first === 0) {
      first = performance.now();
      controller.abort();
    } else if (performance.now() - first > 500) process.exit(EXIT.interrupted);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

function whole(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new CommanderError(EXIT.usage, 'usage', `"${text}" is not a whole number up to 65,535.`);
  return Number(text);
}

// Who reads us has read enough, as `head` does: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.code === 'usage') process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
// Connections that a server keeps open must not keep a finished command alive.
process.exit();
