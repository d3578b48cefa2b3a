import type { Subscriber, Suppression } from '../../audience/audience.ts';
import { readList } from '../../audience/read-list.ts';
import { whySuppressed } from '../../audience/suppressed-file.ts';
import { isAmong, narrow, type Target, targetOf } from '../../audience/target.ts';
import type { Context } from '../../cli.ts';
import { EXIT } from '../../exit.ts';
import { fieldsOf } from '../../expression.ts';
import type { Finding } from '../../finding.ts';
import type { ListFile } from '../../project.ts';
import { withLedger } from './with-ledger.ts';

/** A list or a part of it, ready to be read, as often as wanted. */
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
  context: Context,
  name: string,
  where: string | undefined,
): Promise<Audience | number> {
  const { app, terminal } = context;
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
  if ('findings' in list) {
    terminal.findings(list.findings);
    return EXIT.findings;
  }
  const strange = await unknownFields(list, target);
  if (strange.length > 0) {
    terminal.complain(
      `No reader on "${target.list}" has a field ${strange.map((field) => `"${field}"`).join(' or ')}, which "${target.words}" asks for.`,
      `Correct it, or add the column to ${list.path}.`,
    );
    return EXIT.findings;
  }
  let kept = new Map<string, Suppression['reason']>();
  const code = await withLedger(context, 'read', async (ledger) => {
    if (ledger) kept = await ledger.suppressions(target.list);
    return EXIT.ok;
  });
  if (code !== EXIT.ok) return code;
  const why = whySuppressed(kept, await app.project.suppressed(), app.config.linkSecrets, target.list);
  return {
    target,
    async *read() {
      const seen = new Set<string>();
      for await (const row of readList(list.path, list.chunks())) {
        if ('finding' in row) yield row;
        else if (!seen.has(row.subscriber.key) && isAmong(target.where, row.subscriber)) {
          seen.add(row.subscriber.key);
          yield { subscriber: row.subscriber, reason: why(row.subscriber.key) };
        }
      }
    },
  };
}

async function unknownFields(list: ListFile, { where }: Target): Promise<string[]> {
  const unknown = new Set(where === null ? [] : fieldsOf(where));
  unknown.delete('email');
  let rows = 0;
  for await (const row of readList(list.path, list.chunks())) {
    if ('finding' in row) continue;
    rows += 1;
    for (const field of unknown) if (Object.hasOwn(row.subscriber.fields, field)) unknown.delete(field);
    if (unknown.size === 0) break;
  }
  return rows === 0 ? [] : [...unknown];
}
