import { normaliseAddress } from '../../audience/normalise-address.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { type Audience, openAudience } from './read-target.ts';
import { withLedger } from './with-ledger.ts';

/** So many readers are shown of a list. */
const SHOWN = 20;

/** `subscribers -- show`: the lists with their counts; with `--list` or `--where` one of them; of an ADDRESS what is known. */
export default function show(context: Context, options: SubscribersOptions): Promise<number> {
  return withLedger(context, 'read', (ledger) => {
    if (options.address !== undefined) return showReader(context, options, options.address, ledger);
    if (options.list === undefined && options.where === undefined) return showLists(context, options, ledger);
    return showOne(context, options, ledger);
  });
}

async function showOne(
  context: Context,
  options: SubscribersOptions,
  ledger: Ledger | null,
): Promise<number> {
  const { app, terminal } = context;
  const list = options.list ?? app.config.newsletter.list;
  const audience = await openAudience(context, ledger, list, options.where);
  if (typeof audience === 'number') return audience;
  const counted = await count(audience, SHOWN);
  if (options.json) terminal.print(JSON.stringify(counted));
  else {
    terminal.print(lineOf(counted));
    for (const { address, fields } of counted.first)
      terminal.print(`  ${address}  ${words(fields)}`.trimEnd());
    const more = counted.mailed - counted.first.length;
    if (more > 0) terminal.say(`  and ${more.toLocaleString('en')} more: npm run -s subscribers -- export`);
  }
  return EXIT.ok;
}

async function showLists(
  context: Context,
  options: SubscribersOptions,
  ledger: Ledger | null,
): Promise<number> {
  const { app, terminal } = context;
  const { newsletter } = app.config;
  const files = await app.project.lists();
  const subscribed = [];
  for (const name of Object.keys(newsletter.lists))
    if (!files.includes(name) && ((await ledger?.subscriptions(name, 0, 1)) ?? []).length > 0)
      subscribed.push(name);
  const all = [];
  for (const name of [...files, ...subscribed, ...Object.keys(newsletter.segments)]) {
    const audience = await openAudience(context, ledger, name);
    if (typeof audience === 'number') return audience;
    const { first: _, ...counted } = await count(audience, 0);
    all.push({ name, ...counted });
    if (!options.json) terminal.print(`${name === counted.target ? '' : `${name}: `}${lineOf(counted)}`);
  }
  if (options.json) terminal.print(JSON.stringify(all));
  else if (all.length === 0)
    terminal.say('There are no lists yet: make subscribers/weekly.csv, or import one.');
  return EXIT.ok;
}

async function showReader(
  context: Context,
  options: SubscribersOptions,
  text: string,
  ledger: Ledger | null,
): Promise<number> {
  const { app, terminal } = context;
  const normal = normaliseAddress(text);
  if ('fault' in normal) {
    terminal.complain(`"${text}" is no address: ${normal.fault}.`);
    return EXIT.usage;
  }
  const { key } = normal;
  const own = (await ledger?.subscriptionsOf(key)) ?? [];
  const lists = [];
  for (const list of new Set([...(await app.project.lists()), ...own.map((one) => one.list)])) {
    const audience = await openAudience(context, ledger, list);
    if (typeof audience === 'number') return audience;
    for await (const row of audience.read())
      if ('subscriber' in row && row.subscriber.key === key) {
        lists.push({ list, status: row.reason ?? 'subscribed', fields: row.subscriber.fields });
        break;
      }
  }
  const suppressions = (await ledger?.suppressionsOf(key)) ?? [];
  const consents = (await ledger?.consentsOf(key)) ?? [];
  if (options.json)
    terminal.print(JSON.stringify({ address: normal.address, lists, suppressions, consents }));
  else {
    for (const { list, status, fields } of lists)
      terminal.print(`${list}: ${status}  ${words(fields)}`.trimEnd());
    for (const { list, reason, at } of suppressions)
      terminal.print(`${list ?? 'all lists'}: not mailed since ${at.slice(0, 10)}, ${reason}`);
    for (const { at, list, act, how, source } of consents)
      terminal.print(
        `${list ?? 'all lists'}: ${act} on ${new Date(at).toISOString().slice(0, 10)} by ${how} ${source}`.trimEnd(),
      );
  }
  if (lists.length === 0) terminal.say(`${normal.address} is on none of the lists.`);
  return lists.length > 0 ? EXIT.ok : EXIT.findings;
}

interface Counted {
  readonly target: string;
  mailed: number;
  broken: number;
  /** Suppressed readers, by reason. */
  readonly suppressed: Record<string, number>;
  readonly first: { readonly address: string; readonly fields: Readonly<Record<string, string>> }[];
}

async function count(audience: Audience, most: number): Promise<Counted> {
  const counted: Counted = { target: audience.target.words, mailed: 0, broken: 0, suppressed: {}, first: [] };
  for await (const row of audience.read())
    if ('finding' in row) counted.broken += 1;
    else if (row.reason !== null) counted.suppressed[row.reason] = (counted.suppressed[row.reason] ?? 0) + 1;
    else {
      counted.mailed += 1;
      const { address, fields } = row.subscriber;
      if (counted.first.length < most) counted.first.push({ address, fields });
    }
  return counted;
}

function lineOf({ target, mailed, broken, suppressed }: Omit<Counted, 'first'>): string {
  const others = Object.entries(suppressed).map(
    ([reason, number]) => `${number.toLocaleString('en')} ${reason}`,
  );
  if (broken > 0) others.push(`${broken.toLocaleString('en')} rows that cannot be read`);
  return `${target}: ${mailed.toLocaleString('en')} reader${mailed === 1 ? '' : 's'}${others.length > 0 ? `; not mailed: ${others.join(', ')}` : ''}`;
}

function words(fields: Readonly<Record<string, string>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== '');
  return given.map(([field, value]) => `${field}=${value}`).join('  ');
}
