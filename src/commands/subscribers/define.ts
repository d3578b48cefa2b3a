import type { Command } from 'commander';
import type { SubscribersOptions } from '../subscribers.ts';

/** Defines a command below `parent`, with the options that every command has. */
type Define = (name: string, description: string, examples: string[], parent?: Command) => Command;

/** The command line of `subscribers`: `act` runs one of its actions. */
export function defineSubscribers(
  program: Command,
  command: Define,
  act: (
    options: object,
    more: Pick<SubscribersOptions, 'action'> & Partial<SubscribersOptions>,
  ) => Promise<void>,
): Command {
  const subscribers = program
    .command('subscribers')
    .description('Lists in and out: import, export, add, remove, show, sync.')
    .exitOverride();

  command(
    'import',
    'Take readers over from Mailchimp, Substack, Ghost, Buttondown, listmonk or any CSV; shows all before it writes.',
    [
      'npm run subscribers -- import members.csv',
      'npm run subscribers -- import subscribed.csv unsubscribed.csv cleaned.csv --list weekly',
      'npm run subscribers -- import readers.csv --map "Member since=joined" --map Phone=',
      'npm run -s subscribers -- import members.csv --dry-run --json',
    ],
    subscribers,
  )
    .argument('<files...>', 'the files of one export')
    .option('--list <name>', 'into this list')
    .option('--ledger', 'as subscriptions in the ledger instead of rows in the file')
    .option(
      '--from <service>',
      'mailchimp, substack, ghost, buttondown, listmonk or csv, if it is not recognised',
    )
    .option(
      '--map <column=field>',
      'what a column is to be; nothing after the = leaves it behind; may be repeated',
      also,
      [],
    )
    .option('--confirm', 'write without asking')
    .option('--dry-run', 'show what would be done, write nothing')
    .action((files, options) => act(options, { files, action: 'import' }));

  command(
    'export',
    'Write a list or a part of it as CSV, safe to open in a spreadsheet.',
    [
      'npm run -s subscribers -- export > weekly.csv',
      `npm run -s subscribers -- export --where 'plan == "pro"' --out pro.csv`,
      'npm run -s subscribers -- export --all     with a column that says who is not mailed',
    ],
    subscribers,
  )
    .option('--list <name>', 'this list or segment')
    .option('--where <condition>', 'only those for whom it is true')
    .option('--out <file>', 'into this file instead of standard output')
    .option('--all', 'suppressed readers too, with a column "status"')
    .option('--consents', 'the consent record instead: who agreed to what, when and how')
    .action((options) => act(options, { action: 'export' }));

  command(
    'add',
    'Put a reader on a list, or change their fields there.',
    ['npm run subscribers -- add ada@example.com --name Ada --field plan=pro'],
    subscribers,
  )
    .argument('<address>')
    .option('--list <name>', 'on this list')
    .option('--name <name>', 'their name')
    .option('--ledger', 'as a subscription in the ledger instead of a row in the file')
    .option('--field <field=value>', 'another field; may be repeated', also, [])
    .action((address, options) => act(options, { address, action: 'add' }));

  command(
    'remove',
    'Take a reader off a list, and see to it that no import brings them back.',
    [
      'npm run subscribers -- remove ada@example.com',
      'npm run subscribers -- remove ada@example.com --all     off all lists',
    ],
    subscribers,
  )
    .argument('<address>')
    .option('--list <name>', 'off this list')
    .option('--all', 'off all lists')
    .option('--forget', 'only take the row out: they may be imported again')
    .action((address, options) => act(options, { address, action: 'remove' }));

  command(
    'show',
    'The lists with their counts, one list, or what is known of a reader.',
    [
      'npm run subscribers -- show',
      `npm run subscribers -- show --list weekly --where 'plan == "pro" and joined > 2026-01-01'`,
      'npm run subscribers -- show ada@example.com',
    ],
    subscribers,
  )
    .argument('[address]')
    .option('--list <name>', 'this list or segment')
    .option('--where <condition>', 'only those for whom it is true')
    .action((address, options) => act(options, { address, action: 'show' }));

  command(
    'sync',
    'Bring subscribers/suppressed.csv and the ledger to the same: who is suppressed in one is in the other.',
    ['npm run subscribers -- sync', 'npm run -s subscribers -- sync --dry-run --json'],
    subscribers,
  )
    .option('--dry-run', 'show what would be done, write nothing')
    .action((options) => act(options, { action: 'sync' }));

  return subscribers;
}

/** An option that may be repeated: one that takes all that follows would swallow the files too. */
function also(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
