import { join } from 'node:path';
import type { App } from '../../app.ts';
import type { Suppression } from '../../audience/audience.ts';
import { readList } from '../../audience/read-list.ts';
import { addSuppressed, readSuppressedLines, suppressedName } from '../../audience/suppressed-file.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { stageFile } from './stage-file.ts';
import { withLedger } from './with-ledger.ts';

const PATH = 'subscribers/suppressed.csv';
/** So many deliveries are read from the ledger at once. */
const PAGE = 5000;

/**
 * `subscribers -- sync`: who is suppressed by the file of keyed names is suppressed in the ledger too, as far as they are
 * readers that are known here, and the other way round. The file is sorted, one a line; what git could not merge is kept
 * from both sides, for a suppression too many does less harm than one too few.
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
  const found: Suppression[] = [];
  let after = before;
  let kept = 0;
  const code = await withLedger(context, options.dryRun ? 'read' : 'write', async (ledger) => {
    const here = ledger ? await ledger.allSuppressions() : [];
    kept = here.length;
    const known = new Set(here.map(({ key, list }) => `${list ?? ''} ${key}`));
    const byName = Map.groupBy(lines, ({ name }) => name);
    for await (const key of readersKnown(app, ledger)) {
      if (byName.size === 0) break;
      for (const one of app.config.linkSecrets.flatMap(
        (each) => byName.get(suppressedName(each, key)) ?? [],
      )) {
        if (known.has(`${one.list ?? ''} ${key}`)) continue;
        known.add(`${one.list ?? ''} ${key}`);
        found.push({ key, list: one.list, reason: one.reason, at: one.at });
      }
    }
    if (!options.dryRun) await ledger?.suppressAll(found);
    after = addSuppressed(before, here, secret);
    return EXIT.ok;
  });
  if (code !== EXIT.ok) return code;
  const added = readSuppressedLines(after).lines.length - lines.length;
  if (after !== before && !options.dryRun) {
    const staged = await stageFile(
      join(app.config.root, PATH),
      app.state(`suppressed.csv.${process.pid}`),
      oneText(after),
    );
    if (!(await staged.commit())) {
      terminal.complain(`${PATH} was changed meanwhile: it was left as it is.`, 'Run this again.');
      return EXIT.again;
    }
  }
  const result = { intoLedger: found.length, intoFile: Math.max(added, 0), ledger: kept + found.length };
  if (options.json) terminal.print(JSON.stringify({ ...result, conflicts, unreadable: strange }));
  terminal.say(
    `${found.length} from ${PATH} into the ledger, ${result.intoFile} from the ledger into the file.` +
      (options.dryRun ? ' Nothing was written: this was the plan only.' : ''),
  );
  if (after !== before && !options.dryRun)
    terminal.say(`Commit it, and every machine that sends honours it.`);
  return strange.length > 0 ? EXIT.findings : EXIT.ok;
}

/** Keys of everybody on the lists, and of everybody who ever had a delivery. */
async function* readersKnown(app: App, ledger: Ledger | null): AsyncGenerator<string> {
  for (const name of await app.project.lists()) {
    const list = await app.project.list(name);
    if ('findings' in list) continue;
    for await (const row of readList(list.path, list.chunks()))
      if ('subscriber' in row) yield row.subscriber.key;
  }
  for (const { id } of (await ledger?.campaigns()) ?? []) {
    let page = await ledger!.deliveries(
      id,
      ['queued', 'accepted', 'uncertain', 'rejected', 'sending'],
      0,
      PAGE,
    );
    while (page.length > 0) {
      for (const { key } of page) yield key;
      page = await ledger!.deliveries(
        id,
        ['queued', 'accepted', 'uncertain', 'rejected', 'sending'],
        page.at(-1)!.id,
        PAGE,
      );
    }
  }
}

async function* oneText(text: string): AsyncGenerator<string> {
  yield text;
}
