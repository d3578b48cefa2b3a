import type { App } from '../../app.ts';
import type { Suppression } from '../../audience/audience.ts';
import { oneAudience } from '../../audience/one-audience.ts';
import { readList } from '../../audience/read-list.ts';
import {
  addSuppressed,
  dropSuppressed,
  isLifted,
  readSuppressedLines,
  type SuppressedLine,
  suppressedName,
} from '../../audience/suppressed-file.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { withLedger } from './with-ledger.ts';

const PATH = 'subscribers/suppressed.csv';
/** So many deliveries are read from the ledger at once. */
const PAGE = 5000;

/**
 * `subscribers -- sync`: who is suppressed by the file of keyed names is suppressed in the ledger too, as far as they are
 * readers that are known here, and the other way round; who confirmed since then that they want mail again leaves the
 * file. It is sorted, one a line; what git could not merge is kept from both sides, for a suppression too many does less
 * harm than one too few.
 */
export default async function sync(context: Context, options: SubscribersOptions): Promise<number> {
  const { app, terminal } = context;
  const [secret] = app.config.linkSecrets;
  if (secret === undefined) {
    terminal.complain(
      'LINK_SECRET is not set: the names in the file are made with it.',
      'Make one with openssl rand -hex 32 and put it into .env.',
    );
    return EXIT.configuration;
  }
  const before = await app.project.suppressed();
  const { lines, conflicts, strange } = readSuppressedLines(before);
  if (conflicts.length > 0)
    terminal.say(`${PATH}:${conflicts[0]} holds what git could not merge: both sides are kept.`);
  for (const line of strange.slice(0, 20))
    terminal.complain(`${PATH}:${line} cannot be read.`, 'Write reader,list,reason,at, or delete the line.');
  let change = (text: string) => text;
  let after = before;
  let result = { intoLedger: 0, intoFile: 0, lifted: 0 };
  const code = await withLedger(context, options.dryRun ? 'read' : 'write', async (ledger) => {
    const here = (await ledger?.allSuppressions()) ?? [];
    const { found, lifted } = await compare(app, ledger, lines, here);
    if (!options.dryRun) await ledger?.suppressAll(found);
    change = (text) => addSuppressed(dropSuppressed(text, lifted), [...here, ...found], secret);
    after = change(before);
    const linesOf = (text: string) => readSuppressedLines(text).lines.length;
    const intoFile = linesOf(after) - linesOf(addSuppressed(dropSuppressed(before, lifted), [], secret));
    result = { intoLedger: found.length, intoFile, lifted: lifted.size };
    return EXIT.ok;
  });
  if (code !== EXIT.ok) return code;
  if (after !== before && !options.dryRun) await app.project.changeSuppressed(change);
  if (options.json) terminal.print(JSON.stringify({ ...result, conflicts, unreadable: strange }));
  terminal.say(
    `${result.intoLedger} from ${PATH} into the ledger, ${result.intoFile} from the ledger into the file` +
      `${result.lifted > 0 ? `; ${result.lifted} came back and left the file` : ''}.`,
  );
  if (options.dryRun) terminal.say('Nothing was written: this was the plan only.');
  else if (after !== before) terminal.say('Commit it, and every machine that sends honours it.');
  return strange.length > 0 ? EXIT.findings : EXIT.ok;
}

/** What the ledger lacks of the file's lines, and which of them no longer count. */
async function compare(
  app: App,
  ledger: Ledger | null,
  lines: readonly SuppressedLine[],
  here: readonly Suppression[],
): Promise<{ readonly found: Suppression[]; readonly lifted: ReadonlySet<SuppressedLine> }> {
  const found: Suppression[] = [];
  const lifted = new Set<SuppressedLine>();
  if (lines.length === 0) return { found, lifted };
  const place = (key: string, list: string | null) => `${list ?? ''} ${key}`;
  const known = new Set(here.map(({ key, list }) => place(key, list)));
  const byName = Map.groupBy(lines, ({ name }) => name);
  const lists = await listNames(app);
  const confirmed = new Map<string, ReadonlyMap<string, number>>();
  for (const list of lists) confirmed.set(list, (await ledger?.confirmed(list)) ?? new Map());
  for await (const key of readersKnown(app, ledger, lists))
    for (const line of app.config.linkSecrets.flatMap((one) => byName.get(suppressedName(one, key)) ?? [])) {
      const back = (list: string) => isLifted(line, confirmed.get(list)?.get(key));
      const places =
        line.list === null ? lists.filter((list) => !back(list)) : [line.list].filter((list) => !back(list));
      const stays = line.list === null ? places.length === lists.length : places.length === 1;
      if (!stays) lifted.add(line);
      // Who left all lists and came back to one of them is still off the others.
      for (const list of stays ? [line.list] : places) {
        if (known.has(place(key, list))) continue;
        known.add(place(key, list));
        found.push({ key, list, reason: line.reason, at: line.at });
      }
    }
  return { found, lifted };
}

async function listNames({ project, config }: App): Promise<string[]> {
  return [...new Set([...(await project.lists()), ...Object.keys(config.newsletter.lists)])];
}

/** Keys of everybody on the lists, and of everybody who ever had a delivery. */
async function* readersKnown(
  app: App,
  ledger: Ledger | null,
  lists: readonly string[],
): AsyncGenerator<string> {
  for (const name of lists) {
    const list = await app.project.list(name);
    const file = 'findings' in list ? null : readList(list.path, list.chunks());
    for await (const row of oneAudience(name, file, ledger))
      if ('subscriber' in row) yield row.subscriber.key;
  }
  for (const { id } of (await ledger?.campaigns()) ?? []) {
    let page = await ledger!.history(id, 0, PAGE);
    while (page.length > 0) {
      for (const { key } of page) yield key;
      page = await ledger!.history(id, page.at(-1)!.id, PAGE);
    }
  }
}
