import type { Finding } from '../finding.ts';
import type { Exclusion, ListRow, Subscriber, Suppression } from './audience.ts';
import { openKeySet } from './open-key-set.ts';

export type Selected =
  | { readonly subscriber: Subscriber; readonly line: number }
  | { readonly exclusion: Exclusion }
  | { readonly finding: Finding };

/**
 * Who of a list is mailed, row by row, and why the others are not: the same key twice, a suppression, or a message of
 * this issue already on its way (invariant 1). Findings of rows pass through.
 */
export async function* select(
  rows: AsyncIterable<ListRow>,
  suppressed: (key: string) => Suppression['reason'] | null,
  mailed: (key: string) => boolean,
): AsyncGenerator<Selected> {
  const keys = openKeySet();
  for await (const row of rows) {
    if ('finding' in row) {
      yield row;
      continue;
    }
    const { subscriber, line } = row;
    const reason = keys.seen(subscriber.key)
      ? 'duplicate'
      : (suppressed(subscriber.key) ?? (mailed(subscriber.key) ? 'already-mailed' : null));
    if (reason === null) yield { subscriber, line };
    else yield { exclusion: { address: subscriber.address, reason, line } };
  }
}
