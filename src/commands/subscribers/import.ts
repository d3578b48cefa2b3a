import { UnsafeEdit } from '../../audience/edit-list.ts';
import { SERVICES } from '../../audience/import/map-columns.ts';
import { fieldName } from '../../audience/read-list.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { openScratch, type Scratch } from '../../ledger/open-scratch.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { agree } from './agree.ts';
import { intoFile } from './into-file.ts';
import { intoLedger, recordInLedger } from './into-ledger.ts';
import { keepSuppressed } from './keep-suppressed.ts';
import { listNamed } from './list-named.ts';
import { type ImportPlan, planImport } from './plan-import.ts';
import { type Exported, readExports } from './read-exports.ts';
import { importData, showImport } from './show-import.ts';
import type { Staged } from './stage-file.ts';
import { suppressedOn } from './suppressed-on.ts';
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
  const exported = await readExports(context, options.files ?? [], reading, scratch);
  terminal.findings(exported.findings);
  if (exported.unreadable) {
    terminal.complain('Nothing was written.', 'Mend the errors above and run this again.');
    return EXIT.findings;
  }
  const now = new Date();
  let plan: ImportPlan | null = null;
  let place: Place | null = null;
  const read = await withLedger(context, 'read', async (ledger) => {
    const why = await suppressedOn(app, ledger, list);
    plan = planImport(exported, scratch, list, why, now.toISOString());
    if (options.ledger) {
      // Only counted: it is looked at again when it is recorded.
      for await (const batch of intoLedger(ledger, list, plan))
        for (const { outcome } of batch) plan.tally[outcome] += 1;
      place = { name: `${list}, in the ledger`, isNew: false, staged: null };
    } else {
      const file = await intoFile(app, list, plan, [...exported.fields]);
      place = { name: `subscribers/${list}.csv`, ...file };
    }
    return EXIT.ok;
  });
  if (read !== EXIT.ok || plan === null || place === null) return read;
  try {
    return await finish(context, options, list, exported, plan, place, now.getTime());
  } finally {
    await (place as Place).staged?.discard();
  }
}

interface Place {
  readonly name: string;
  readonly isNew: boolean;
  /** Null: the ledger. */
  readonly staged: Staged | null;
}

/** Shows the plan, has it agreed to, and writes it. */
async function finish(
  context: Context,
  options: SubscribersOptions,
  list: string,
  exported: Exported,
  plan: ImportPlan,
  place: Place,
  now: number,
): Promise<number> {
  const { terminal } = context;
  const { tally } = plan;
  const suppressing = Object.keys(tally.suppressed).length > 0;
  const writes = tally.new + tally.updated > 0;
  showImport(terminal, exported, tally, place.name, place.isNew);
  const tell = (written: boolean) => {
    if (options.json) terminal.print(JSON.stringify(importData(exported, tally, place.name, written)));
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
  const agreed = await agree(context, `Write ${place.name}?`, options.confirm === true);
  if (agreed !== EXIT.ok) return agreed;
  // Who must not be mailed first: a crash between the two then does no harm.
  if (suppressing) {
    const code = await keepSuppressed(context, plan.suppressions());
    if (code !== EXIT.ok) return code;
  }
  if (writes && place.staged === null) {
    const source = `${exported.mappings[0]!.mapping.service.title}: ${(options.files ?? []).join(', ')}`;
    const code = await withLedger(context, 'write', async (ledger) => {
      await recordInLedger(ledger, list, plan, source, now);
      return EXIT.ok;
    });
    if (code !== EXIT.ok) return code;
  }
  if (writes && place.staged !== null && !(await place.staged.commit())) {
    terminal.complain(
      `${place.name} was changed while this was read: it was left as it is.`,
      'Run this again.',
    );
    return EXIT.again;
  }
  terminal.say(writes && place.staged ? `Written. See what changed: git diff ${place.name}` : 'Written.');
  return tell(true);
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
