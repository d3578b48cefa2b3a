import type { Subscriber, Suppression } from '../../audience/audience.ts';
import { oneAudience } from '../../audience/one-audience.ts';
import { readList } from '../../audience/read-list.ts';
import { isAmong, narrow, type Target, targetOf } from '../../audience/target.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { fieldsOf } from '../../expression.ts';
import type { Finding } from '../../finding.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { suppressedOn } from './suppressed-on.ts';

/** A list or a part of it, ready to be read, as often as wanted while the ledger is open. */
export interface Audience {
  readonly target: Target;
  /** Each reader once, with why they are not mailed (null: they are), and rows that cannot be read. */
  read(): AsyncGenerator<
    | { readonly subscriber: Subscriber; readonly reason: Suppression['reason'] | null }
    | { readonly finding: Finding }
  >;
}

/** Opens the audience that `--list` and `--where` name; or gives an exit code, and what is wrong is told. */
export async function openAudience(
  { app, terminal }: Context,
  ledger: Ledger | null,
  name: string,
  where?: string,
): Promise<Audience | number> {
  const named = targetOf(app.config.newsletter, name);
  const target = where === undefined ? named : narrow(named, where);
  if ('fault' in target) {
    terminal.complain(
      `--where: ${target.fault}.`,
      `Write it like --where 'plan == "pro" and joined > 2026-01-01'`,
    );
    return EXIT.usage;
  }
  const list = await app.project.list(target.list);
  if ('findings' in list && ((await ledger?.subscriptions(target.list, 0, 1)) ?? []).length === 0) {
    terminal.findings(list.findings);
    return EXIT.findings;
  }
  const rows = () =>
    oneAudience(target.list, 'findings' in list ? null : readList(list.path, list.chunks()), ledger);
  const strange = await unknownFields(rows(), target);
  if (strange.length > 0) {
    terminal.complain(
      `No reader on "${target.list}" has a field ${strange.map((field) => `"${field}"`).join(' or ')}, which "${target.words}" asks for.`,
      `Correct it, or add the column to subscribers/${target.list}.csv.`,
    );
    return EXIT.findings;
  }
  const why = await suppressedOn(app, ledger, target.list);
  return {
    target,
    async *read() {
      const seen = new Set<string>();
      for await (const row of rows()) {
        if ('finding' in row) yield row;
        else if (!seen.has(row.subscriber.key) && isAmong(target.where, row.subscriber)) {
          seen.add(row.subscriber.key);
          yield { subscriber: row.subscriber, reason: why(row.subscriber.key) };
        }
      }
    },
  };
}

async function unknownFields(rows: ReturnType<typeof oneAudience>, { where }: Target): Promise<string[]> {
  const unknown = new Set(where === null ? [] : fieldsOf(where));
  unknown.delete('email');
  if (unknown.size === 0) return [];
  let readers = 0;
  for await (const row of rows) {
    if ('finding' in row) continue;
    readers += 1;
    for (const field of unknown) if (Object.hasOwn(row.subscriber.fields, field)) unknown.delete(field);
    if (unknown.size === 0) break;
  }
  return readers === 0 ? [] : [...unknown];
}
