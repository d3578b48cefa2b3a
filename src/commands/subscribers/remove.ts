import { normaliseAddress } from '../../audience/normalise-address.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { editOne } from './edit-one.ts';
import { keepSuppressed } from './keep-suppressed.ts';
import { listNamed } from './list-named.ts';
import { withLedger } from './with-ledger.ts';

/**
 * `subscribers -- remove ADDRESS`: takes a reader off a list, or off all, and suppresses them there, so that no import
 * brings them back. `--forget` only takes the row out.
 */
export default async function removeSubscriber(
  context: Context,
  options: SubscribersOptions,
): Promise<number> {
  const { app, terminal } = context;
  const normal = normaliseAddress(options.address ?? '');
  if ('fault' in normal) {
    terminal.complain(`"${options.address}" is no address: ${normal.fault}.`);
    return EXIT.usage;
  }
  const list = options.all ? null : listNamed(context, options.list);
  if (list === null && !options.all) return EXIT.usage;
  const { address, key } = normal;
  if (!options.forget) {
    const at = new Date().toISOString();
    const code = await keepSuppressed(context, [{ key, list, reason: 'manual', at }], 'command');
    if (code !== EXIT.ok) return code;
  }
  const removed: string[] = [];
  for (const name of list === null ? await app.project.lists() : [list]) {
    if ('findings' in (await app.project.list(name))) continue;
    let found = false;
    const code = await editOne(context, name, {
      columns: [],
      change(subscriber) {
        if (subscriber.key !== key) return null;
        found = true;
        return 'remove';
      },
      added: () => [],
    });
    if (code !== EXIT.ok) return code;
    if (found) removed.push(`subscribers/${name}.csv`);
  }
  const code = await withLedger(context, app.hasLedger() ? 'write' : 'read', async (ledger) => {
    const own = (await ledger?.subscriptionsOf(key)) ?? [];
    for (const { list: name } of own)
      if ((list === null || list === name) && (await ledger!.unsubscribe(name, key)))
        removed.push(`${name}, in the ledger`);
    return EXIT.ok;
  });
  if (code !== EXIT.ok) return code;
  if (options.json) terminal.print(JSON.stringify({ address, removed, suppressed: !options.forget }));
  terminal.say(
    removed.length > 0
      ? `${address} was taken off ${removed.join(', ')}.`
      : `${address} was on none of the lists.`,
  );
  if (!options.forget)
    terminal.say(`They are suppressed on ${list === null ? 'all lists' : list}: no import brings them back.`);
  return EXIT.ok;
}
