import type { Subscriber } from '../../audience/audience.ts';
import { normaliseAddress } from '../../audience/normalise-address.ts';
import { fieldName } from '../../audience/read-list.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { editOne } from './edit-one.ts';
import { listNamed } from './list-named.ts';
import { suppressedOn } from './suppressed-on.ts';
import { withLedger } from './with-ledger.ts';

/** `subscribers -- add ADDRESS`: puts a reader on a list, or changes their fields there. */
export default async function addSubscriber(context: Context, options: SubscribersOptions): Promise<number> {
  const { terminal } = context;
  const list = listNamed(context, options.list);
  if (list === null) return EXIT.usage;
  const normal = normaliseAddress(options.address ?? '');
  if ('fault' in normal) {
    terminal.complain(`"${options.address}" is no address: ${normal.fault}.`);
    return EXIT.usage;
  }
  const fields = fieldsOf(options);
  if ('fault' in fields) {
    terminal.complain(fields.fault, 'Write --field plan=pro');
    return EXIT.usage;
  }
  const reader: Subscriber = { ...normal, fields };
  return options.ledger
    ? intoLedger(context, options, list, reader)
    : intoFile(context, options, list, reader);
}

async function intoFile(
  context: Context,
  options: SubscribersOptions,
  list: string,
  reader: Subscriber,
): Promise<number> {
  const refused = await withLedger(context, 'read', (ledger) => refuse(context, ledger, list, reader));
  if (refused !== EXIT.ok) return refused;
  const { key, fields } = reader;
  let outcome: Outcome = 'new';
  const code = await editOne(context, list, {
    columns: Object.keys(fields),
    change(subscriber) {
      if (subscriber.key !== key) return null;
      outcome = outcomeFor(subscriber.fields, fields);
      return outcome === 'unchanged' ? null : fields;
    },
    added: () => (outcome === 'new' ? [reader] : []),
  });
  return code === EXIT.ok ? tell(context, options, reader, `subscribers/${list}.csv`, outcome) : code;
}

function intoLedger(
  context: Context,
  options: SubscribersOptions,
  list: string,
  reader: Subscriber,
): Promise<number> {
  return withLedger(context, 'write', async (ledger) => {
    const refused = await refuse(context, ledger, list, reader);
    if (refused !== EXIT.ok) return refused;
    const [before] = await ledger.subscribedAmong(list, [reader.key]);
    const outcome = before ? outcomeFor(before.fields, reader.fields) : 'new';
    if (outcome !== 'unchanged') {
      const added = { ...reader, fields: { ...before?.fields, ...reader.fields }, list, since: Date.now() };
      await ledger.subscribe([added], {
        act: 'given',
        how: 'command',
        source: 'subscribers add',
        wording: '',
      });
    }
    return tell(context, options, reader, `${list}, in the ledger`, outcome);
  });
}

type Outcome = 'new' | 'updated' | 'unchanged';

function outcomeFor(before: Subscriber['fields'], fields: Subscriber['fields']): Outcome {
  return Object.entries(fields).every(([field, value]) => before[field] === value) ? 'unchanged' : 'updated';
}

async function refuse(
  { app, terminal }: Context,
  ledger: Ledger | null,
  list: string,
  { address, key }: Subscriber,
): Promise<number> {
  const reason = (await suppressedOn(app, ledger, list))(key);
  if (reason === null) return EXIT.ok;
  terminal.complain(
    `${address} is suppressed (${reason}): nothing was written.`,
    'Only they themselves can come back, by subscribing and confirming it.',
  );
  return EXIT.findings;
}

function tell(
  { terminal }: Context,
  options: SubscribersOptions,
  { address }: Subscriber,
  place: string,
  outcome: Outcome,
): number {
  if (options.json) terminal.print(JSON.stringify({ address, place, outcome }));
  terminal.say(`${address} on ${place}: ${outcome}.`);
  return EXIT.ok;
}

function fieldsOf({ name, field }: SubscribersOptions): Record<string, string> | { fault: string } {
  const fields = new Map<string, string>(name === undefined ? [] : [['name', name]]);
  for (const text of field ?? []) {
    const at = text.indexOf('=');
    if (at < 1) return { fault: `--field: "${text}" names no field and value.` };
    fields.set(fieldName(text.slice(0, at)), text.slice(at + 1));
  }
  for (const [key, value] of fields) {
    // CR, LF and NUL in a name are how headers are injected.
    if (/\p{Cc}/u.test(value)) return { fault: `"${key}" holds a line break or a control character.` };
    fields.set(key, value.trim().normalize('NFC'));
  }
  return Object.fromEntries(fields);
}
