import { join } from 'node:path';
import { editList, UnsafeEdit } from '../../audience/edit-list.ts';
import { SERVICES } from '../../audience/import/map-columns.ts';
import { fieldName } from '../../audience/read-list.ts';
import { whySuppressed } from '../../audience/suppressed-file.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { openScratch, type Scratch } from '../../ledger/open-scratch.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { agree } from './agree.ts';
import { keepSuppressed } from './keep-suppressed.ts';
import { listNamed } from './list-named.ts';
import { planImport } from './plan-import.ts';
import { readExports } from './read-exports.ts';
import { importData, showImport } from './show-import.ts';
import { stageFile } from './stage-file.ts';
import { withLedger } from './with-ledger.ts';

/**
 * `subscribers -- import FILE …`: reads exports, shows what would become of each column and how many readers are new,
 * updated, unchanged or left behind, and writes the list when somebody agrees.
 */
export default async function importFiles(context: Context, options: SubscribersOptions): Promise<number> {
  const { terminal } = context;
  const service = SERVICES.find(({ name }) => name === options.from) ?? null;
  if (options.from !== undefined && service === null) {
    terminal.complain(
      `--from: "${options.from}" is no service that is known here.`,
      `There are: ${SERVICES.map(({ name }) => name).join(', ')}. What is not among them may be a plain CSV: csv.`,
    );
    return EXIT.usage;
  }
  const wishes = wishesOf(options.map ?? []);
  if ('fault' in wishes) {
    terminal.complain(
      `--map: ${wishes.fault}`,
      'Write --map COLUMN=FIELD, or --map COLUMN= to leave it behind.',
    );
    return EXIT.usage;
  }
  const list = listNamed(context, options.list);
  if (list === null) return EXIT.usage;
  const scratch = openScratch();
  try {
    return await work(context, options, list, { service, wishes, quiet: options.quiet === true }, scratch);
  } catch (error) {
    if (!(error instanceof UnsafeEdit)) throw error;
    terminal.complain(error.message, 'Nothing was written.');
    return EXIT.findings;
  } finally {
    scratch.close();
  }
}

async function work(
  context: Context,
  options: SubscribersOptions,
  list: string,
  reading: Parameters<typeof readExports>[2],
  scratch: Scratch,
): Promise<number> {
  const { app, terminal } = context;
  const { root, linkSecrets } = app.config;
  const exported = await readExports(context, options.files ?? [], reading, scratch);
  terminal.findings(exported.findings);
  if (exported.unreadable) {
    terminal.complain('Nothing was written.', 'Mend the errors above and run this again.');
    return EXIT.findings;
  }
  let kept = new Map<string, ReturnType<ReturnType<typeof whySuppressed>> & string>();
  const read = await withLedger(context, 'read', async (ledger) => {
    if (ledger) kept = await ledger.suppressions(list);
    return EXIT.ok;
  });
  if (read !== EXIT.ok) return read;
  const why = whySuppressed(kept, await app.project.suppressed(), linkSecrets, list);
  const plan = planImport(exported, scratch, list, why, new Date().toISOString());
  const path = `subscribers/${list}.csv`;
  const file = await app.project.list(list);
  const chunks = 'findings' in file ? null : file.chunks();
  const staged = await stageFile(
    join(root, path),
    app.state(`${list}.csv.${process.pid}`),
    editList(path, chunks, plan.edit),
  );
  const { tally } = plan;
  const suppressing = Object.keys(tally.suppressed).length > 0;
  const writes = tally.new + tally.updated > 0;
  try {
    showImport(terminal, exported, tally, path, chunks === null);
    const tell = (written: boolean) => {
      if (options.json) terminal.print(JSON.stringify(importData(exported, tally, path, written)));
      return exported.broken > 0 ? EXIT.findings : EXIT.ok;
    };
    if (!writes && !suppressing) {
      terminal.say('There is nothing to write.');
      return tell(false);
    }
    if (options.dryRun) {
      terminal.say('Nothing was written: this was the plan only.');
      return tell(false);
    }
    const agreed = await agree(context, `Write ${path}?`, options.confirm === true);
    if (agreed !== EXIT.ok) return agreed;
    // Who must not be mailed first: a crash between the two then does no harm.
    if (suppressing) {
      const code = await keepSuppressed(context, plan.suppressions());
      if (code !== EXIT.ok) return code;
    }
    if (writes && !(await staged.commit())) {
      terminal.complain(`${path} was changed while this was read: it was left as it is.`, 'Run this again.');
      return EXIT.again;
    }
    terminal.say(writes ? `Written. See what changed: git diff ${path}` : 'Written.');
    return tell(true);
  } finally {
    await staged.discard();
  }
}

/** `--map Plan=tier`: columns are named as in the file, or as fields are. */
function wishesOf(given: readonly string[]): ReadonlyMap<string, string> | { readonly fault: string } {
  const wishes = new Map<string, string>();
  for (const text of given) {
    const at = text.lastIndexOf('=');
    if (at < 1) return { fault: `"${text}" names no column and field.` };
    wishes.set(fieldName(text.slice(0, at)), fieldName(text.slice(at + 1)));
  }
  return wishes;
}
