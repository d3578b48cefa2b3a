import type { Suppression } from '../audience.ts';

/** What becomes of a reader of another service: they come along, are never to be mailed, or are left behind. */
export type Standing =
  | { readonly kind: 'subscribed' }
  | {
      readonly kind: 'suppressed';
      readonly reason: Suppression['reason'];
      /** On every list, or on the one that is imported into. */
      readonly everywhere: boolean;
      /** When, as the service says it; '' when it does not. */
      readonly at: string;
    }
  | { readonly kind: 'skipped'; readonly why: string };

/** A row of an export, by column (`First Name` is `first_name`); '' where there is no such column. */
export type Cell = (column: string) => string;

/** How one service exports its readers. Columns are written as fields are: lower case, `_` between words. */
export interface Service {
  readonly name: string;
  /** As people call it. */
  readonly title: string;
  /** Is it this service's export, by its columns? */
  recognises(columns: ReadonlySet<string>): boolean;
  readonly email: readonly string[];
  /** The field that a column becomes, where it is another name. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Columns of the service's own affairs, and such as no mail needs: addresses of computers, places on the map. */
  readonly left: readonly string[];
  /** Columns that hold a JSON object, each key of which is a field. */
  readonly json: readonly string[];
  /** `file` is the export's name without its folder, in lower case: some services say it there alone. */
  standing(cell: Cell, file: string): Standing;
}

export const SUBSCRIBED: Standing = { kind: 'subscribed' };

export function suppressed(
  reason: Suppression['reason'],
  at = '',
  everywhere = reason !== 'unsubscribed',
): Standing {
  return { kind: 'suppressed', reason, everywhere, at };
}

export function skipped(why: string): Standing {
  return { kind: 'skipped', why };
}

/** What exports write for no. */
export function isNo(text: string): boolean {
  return /^(?:false|no|n|0|f)$/i.test(text.trim());
}

export function isYes(text: string): boolean {
  return /^(?:true|yes|y|1|t)$/i.test(text.trim());
}
