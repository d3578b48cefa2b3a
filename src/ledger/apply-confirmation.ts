import type { Confirmation, Consent } from '../audience/subscription.ts';
import { addConsents } from './consents.ts';
import { first, type Statements } from './database.ts';
import { membershipsIn } from './readers.ts';
import { putSubscriptions } from './subscriptions.ts';
import { suppressIn } from './suppressions.ts';

/** What comes with the click that confirms. */
export interface Given {
  readonly fields: Readonly<Record<string, string>>;
  /** The words on the page where it was confirmed. */
  readonly wording: string;
  readonly others: readonly string[];
  /** Keys that the reader may have from when they were erased: `erasedKey` under each live secret. */
  readonly erasedKeys: readonly string[];
  readonly now: number;
}

/** What a reader can take back by confirming. */
export const LIFTED = "('unsubscribed', 'left', 'bounced')";

/** Does what a reader has confirmed, in the transaction that marks it as used. */
export async function applyConfirmation(
  tx: Statements,
  confirmation: Confirmation,
  given: Given,
): Promise<void> {
  if (confirmation.purpose === 'move') await move(tx, confirmation, given);
  else await join(tx, confirmation, given);
}

async function join(tx: Statements, asked: Confirmation, given: Given): Promise<void> {
  const { key, address, lists } = asked;
  await lift(tx, key, lists, given);
  const known = await tx.all('SELECT list, fields FROM subscriptions WHERE key = ?', key);
  await putSubscriptions(
    tx,
    lists.map((list) => {
      const before = known.find((row) => row.list === list)?.fields ?? '{}';
      const fields = { ...JSON.parse(String(before)), ...given.fields };
      return { list, key, address, fields, since: given.now };
    }),
  );
  await addConsents(
    tx,
    lists.flatMap((list) => steps(asked, given, list, 'confirmed')),
  );
}

/** All that went to the old address goes to the new one, and nothing to the old. */
async function move(tx: Statements, asked: Confirmation, given: Given): Promise<void> {
  const { key, address, movedFrom } = asked;
  if (movedFrom === null) return;
  const places = (await membershipsIn(tx, movedFrom)).filter(({ active }) => active);
  const lists = places.map(({ list }) => list);
  await lift(tx, key, lists, given);
  await putSubscriptions(
    tx,
    places.map(({ list, fields }) => ({ list, key, address, fields, since: given.now })),
  );
  await addConsents(
    tx,
    lists.flatMap((list) => steps(asked, given, list, 'moved')),
  );
  await tx.run('DELETE FROM subscriptions WHERE key = ?', movedFrom);
  await suppressIn(tx, { key: movedFrom, list: null, reason: 'left', at: new Date(given.now).toISOString() });
}

/** Takes back that the reader had left these lists; of "all lists" the others stay left. */
async function lift(tx: Statements, key: string, lists: readonly string[], given: Given): Promise<void> {
  for (const name of [key, ...given.erasedKeys]) {
    const all = first(
      await tx.all(
        `SELECT reason, at FROM suppressions WHERE key = ? AND list = '' AND reason IN ${LIFTED}`,
        name,
      ),
    );
    if (all && all.reason !== 'bounced')
      for (const list of given.others)
        if (!lists.includes(list))
          await tx.run(
            'INSERT INTO suppressions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
            key,
            list,
            all.reason!,
            all.at!,
          );
    if (all) await tx.run("DELETE FROM suppressions WHERE key = ? AND list = ''", name);
    for (const list of lists)
      await tx.run(`DELETE FROM suppressions WHERE key = ? AND list = ? AND reason IN ${LIFTED}`, name, list);
  }
}

/** Both steps of a double opt-in, as lines of the consent record. */
function steps(asked: Confirmation, given: Given, list: string, act: Consent['act']): Consent[] {
  const { key, how, source } = asked;
  return [
    { at: asked.askedAt, key, list, act: 'asked', how, source, wording: asked.wording },
    {
      at: given.now,
      key,
      list,
      act,
      how: 'mail',
      source: `confirmation ${asked.id}`,
      wording: given.wording,
    },
  ];
}
