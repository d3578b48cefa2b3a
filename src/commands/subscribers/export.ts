import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvRecord } from '../../audience/csv-cell.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SubscribersOptions } from '../subscribers.ts';
import { type Audience, openAudience } from './read-target.ts';
import { stageFile } from './stage-file.ts';
import { withLedger } from './with-ledger.ts';

/**
 * `subscribers -- export`: a list or a part of it as CSV, on standard output or into a file. Suppressed readers are left
 * out; with `--all` they are in it, and a column `status` says so: an import from it leaves them behind again.
 */
export default async function exportList(context: Context, options: SubscribersOptions): Promise<number> {
  return withLedger(context, 'read', (ledger) => work(context, options, ledger));
}

async function work(context: Context, options: SubscribersOptions, ledger: Ledger | null): Promise<number> {
  const { app, terminal } = context;
  if (options.consents) return exportConsents(context, options, ledger);
  const list = options.list ?? app.config.newsletter.list;
  const audience = await openAudience(context, ledger, list, options.where);
  if (typeof audience === 'number') return audience;
  const all = options.all === true;
  const { columns, rows, broken } = await survey(audience, all);
  const text = options.json ? asJson(audience, all) : asCsv(audience, all, columns);
  const code = await put(context, text, options.out);
  if (code !== EXIT.ok) return code;
  terminal.say(
    `${rows.toLocaleString('en')} reader${rows === 1 ? '' : 's'} of ${audience.target.words}${options.out === undefined ? '' : ` in ${options.out}`}.`,
  );
  if (broken === 0) return EXIT.ok;
  terminal.complain(`${broken} rows cannot be read and were left out.`, 'See which: npm run check');
  return EXIT.findings;
}

/** On standard output, or into a file, which is written whole or not at all. */
async function put(
  { app, terminal }: Context,
  text: AsyncIterable<string>,
  out: string | undefined,
): Promise<number> {
  if (out === undefined) {
    await pipeline(Readable.from(text), process.stdout, { end: false });
    return EXIT.ok;
  }
  const path = resolve(app.config.root, out);
  const staged = await stageFile(path, `${path}.${process.pid}`, text);
  if (await staged.commit()) return EXIT.ok;
  terminal.complain(`${out} was changed meanwhile: it was left as it is.`, 'Run this again.');
  return EXIT.again;
}

/** The consent record: who agreed to what, when and how, a line a step. */
async function exportConsents(
  context: Context,
  options: SubscribersOptions,
  ledger: Ledger | null,
): Promise<number> {
  const columns = ['at', 'key', 'list', 'act', 'how', 'source', 'wording'] as const;
  async function* lines(): AsyncGenerator<string> {
    if (!options.json) yield `${csvRecord(columns)}\n`;
    for (
      let page = (await ledger?.consents(0)) ?? [];
      page.length > 0;
      page = await ledger!.consents(page.at(-1)!.id)
    )
      for (const { id: _, ...line } of page) {
        const at = new Date(line.at).toISOString();
        yield options.json
          ? `${JSON.stringify({ ...line, at })}\n`
          : `${csvRecord([at, line.key, line.list ?? '', line.act, line.how, line.source, line.wording])}\n`;
      }
  }
  return put(context, lines(), options.out);
}

/** Which columns there are, and how many readers: the header stands before the first of them. */
async function survey(
  audience: Audience,
  all: boolean,
): Promise<{ columns: string[]; rows: number; broken: number }> {
  const columns = new Set<string>();
  let rows = 0;
  let broken = 0;
  for await (const row of audience.read()) {
    if ('finding' in row) broken += 1;
    else if (all || row.reason === null) {
      rows += 1;
      for (const field in row.subscriber.fields) columns.add(field);
    }
  }
  // Ours says more than a column of that name.
  if (all) columns.delete('status');
  return { columns: [...columns], rows, broken };
}

async function* asCsv(audience: Audience, all: boolean, columns: readonly string[]): AsyncGenerator<string> {
  yield `${csvRecord(['email', ...columns, ...(all ? ['status'] : [])])}\n`;
  for await (const row of audience.read()) {
    if ('finding' in row || (!all && row.reason !== null)) continue;
    const { address, fields } = row.subscriber;
    const values = columns.map((column) => (Object.hasOwn(fields, column) ? fields[column]! : ''));
    yield `${csvRecord([address, ...values, ...(all ? [row.reason ?? 'subscribed'] : [])])}\n`;
  }
}

async function* asJson(audience: Audience, all: boolean): AsyncGenerator<string> {
  let before = '[\n';
  for await (const row of audience.read()) {
    if ('finding' in row || (!all && row.reason !== null)) continue;
    const { address, fields } = row.subscriber;
    const status = all ? { status: row.reason ?? 'subscribed' } : {};
    yield `${before}${JSON.stringify({ email: address, fields, ...status })}`;
    before = ',\n';
  }
  yield `${before === '[\n' ? '[' : ''}\n]\n`;
}
