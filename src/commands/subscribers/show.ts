import { normaliseAddress } from '../../audience/normalise-address.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { type Audience, openAudience } from './read-target.ts';

/** So many readers are shown of a list. */
const SHOWN = 20;

/** `subscribers -- show`: the lists with their counts; with `--list` or `--where` one of them; of an ADDRESS what is known. */
export default async function show(context: Context, options: SubscribersOptions): Promise<number> {
  if (options.address !== undefined) return showReader(context, options, options.address);
  if (options.list === undefined && options.where === undefined) return showLists(context, options);
  const { app, terminal } = context;
  const audience = await openAudience(context, options.list ?? app.config.newsletter.list, options.where);
  if (typeof audience === 'number') return audience;
  const counted = await count(audience, SHOWN);
  if (options.json) terminal.print(JSON.stringify(counted));
  else {
    terminal.print(lineOf(counted));
    for (const { address, fields } of counted.first)
      terminal.print(`  ${address}  ${words(fields)}`.trimEnd());
    if (counted.mailed > counted.first.length)
      terminal.say(
        `  and ${(counted.mailed - counted.first.length).toLocaleString('en')} more: npm run -s subscribers -- export`,
      );
  }
  return EXIT.ok;
}

async function showLists(context: Context, options: SubscribersOptions): Promise<number> {
  const { app, terminal } = context;
  const names = [...(await app.project.lists()), ...Object.keys(app.config.newsletter.segments)];
  const all = [];
  for (const name of names) {
    const audience = await openAudience(context, name, undefined);
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

async function showReader(context: Context, options: SubscribersOptions, text: string): Promise<number> {
  const { app, terminal } = context;
  const normal = normaliseAddress(text);
  if ('fault' in normal) {
    terminal.complain(`"${text}" is no address: ${normal.fault}.`);
    return EXIT.usage;
  }
  const found = [];
  for (const list of await app.project.lists()) {
    const audience = await openAudience(context, list, undefined);
    if (typeof audience === 'number') return audience;
    for await (const row of audience.read())
      if ('subscriber' in row && row.subscriber.key === normal.key) {
        found.push({ list, status: row.reason ?? 'subscribed', fields: row.subscriber.fields });
        break;
      }
  }
  if (options.json) terminal.print(JSON.stringify({ address: normal.address, lists: found }));
  else
    for (const { list, status, fields } of found)
      terminal.print(`${list}: ${status}  ${words(fields)}`.trimEnd());
  if (found.length === 0) terminal.say(`${normal.address} is on none of the lists.`);
  return found.length > 0 ? EXIT.ok : EXIT.findings;
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
  return `${target}: ${mailed.toLocaleString('en')} readers${others.length > 0 ? `; not mailed: ${others.join(', ')}` : ''}`;
}

function words(fields: Readonly<Record<string, string>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== '');
  return given.map(([field, value]) => `${field}=${value}`).join('  ');
}
