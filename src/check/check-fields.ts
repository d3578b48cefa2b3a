import type { FieldUse } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import { found } from './found.ts';
import { inOrder } from './in-order.ts';

/** How well a list covers the fields: `rows` subscribers, and for each field how many lack it, the first on which line. */
export interface Coverage {
  readonly rows: number;
  readonly missing: Readonly<Record<string, { readonly count: number; readonly firstLine: number }>>;
}

/** Merge fields that the list's subscribers lack: unknown ones (nobody has it), and ones without a fallback that some lack. */
export function checkFields(uses: readonly FieldUse[], coverage: Coverage): Finding[] {
  if (coverage.rows === 0) return [];
  const findings = uses.flatMap((use) => {
    if (use.field === 'address' || use.field === 'email') return [];
    const missing = Object.hasOwn(coverage.missing, use.field) ? coverage.missing[use.field]! : null;
    if (!missing || missing.count === 0) return [];
    if (missing.count >= coverage.rows && use.fallback === null)
      return [
        found(
          'field-unknown',
          use,
          `No subscriber has "${use.field}".`,
          `Add the column to the list, or a fallback: {{subscriber.${use.field} | "…"}}.`,
        ),
      ];
    if (use.fallback !== null) return [];
    return [
      found(
        'field-missing',
        use,
        `${missing.count} of ${coverage.rows} subscribers have no "${use.field}", the first on line ${missing.firstLine} of the list.`,
        `Give a fallback: {{subscriber.${use.field} | "…"}}.`,
      ),
    ];
  });
  return inOrder(findings);
}
