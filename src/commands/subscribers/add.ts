import type { Suppression } from '../../audience/audience.ts';
import { normaliseAddress } from '../../audience/normalise-address.ts';
import { fieldName } from '../../audience/read-list.ts';
import { whySuppressed } from '../../audience/suppressed-file.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { editOne } from './edit-one.ts';
import { listNamed } from './list-named.ts';
import { withLedger } from './with-ledger.ts';

/** `subscribers -- add ADDRESS`: puts a reader on a list, or changes their fields there. */
export default async function addSubscriber(context: Context, options: SubscribersOptions): Promise<number> {
  const { app, terminal } = context;
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
  let kept = new Map<string, Suppression['reason']>();
  const read = await withLedger(context, 'read', async (ledger) => {
    if (ledger) kept = await ledger.suppressions(list);
    return EXIT.ok;
  });
  if (read !== EXIT.ok) return read;
  const { address, key } = normal;
  const reason = whySuppressed(kept, await app.project.suppressed(), app.config.linkSecrets, list)(key);
  if (reason !== null) {
    terminal.complain(
      `${address} is suppressed (${reason}): nothing was written.`,
      'Only they themselves can come back, by subscribing and confirming it.',
    );
    return EXIT.findings;
  }
  let outcome: 'new' | 'updated' | 'unchanged' = 'new';
  const code = await editOne(context, list, {
    columns: Object.keys(fields),
    change(subscriber) {
      if (subscriber.key !== key) return null;
      const same = Object.entries(fields).every(([field, value]) => subscriber.fields[field] === value);
      outcome = same ? 'unchanged' : 'updated';
      return same ? null : fields;
    },
    added: () => (outcome === 'new' ? [{ address, key, fields }] : []),
  });
  if (code !== EXIT.ok) return code;
  if (options.json) terminal.print(JSON.stringify({ address, list, outcome }));
  terminal.say(`${address} on subscribers/${list}.csv: ${outcome}.`);
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
