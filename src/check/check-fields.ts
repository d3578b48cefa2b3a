import type { FieldUse } from '../email/email.ts';
import type { Finding } from '../finding.ts';
import type { Coverage } from './coverage.ts';
import { found } from './found.ts';
import { inOrder } from './in-order.ts';

/** Merge fields that the list's subscribers lack: unknown ones (nobody has it), and ones without a fallback that some lack. */
export function checkFields(uses: readonly FieldUse[], coverage: Coverage): Finding[] {
  if (coverage.rows === 0) return [];
  const findings = uses.flatMap((use) => {
    const missing = coverage.missing.get(use.field);
    if (use.fallback !== null || !missing || missing.count === 0) return [];
    if (missing.count >= coverage.rows)
      return [
        found(
          'field-unknown',
          use,
          `No subscriber has a field "${use.field}".`,
          `Add the column to the list, or say what they read instead: {{subscriber.${use.field} | "…"}}.`,
        ),
      ];
    return [
      found(
        'field-missing',
        use,
        `${missing.count} of ${coverage.rows} subscribers have no "${use.field}", the first on line ${missing.firstLine} of the list.`,
        `Say what they read instead: {{subscriber.${use.field} | "…"}}.`,
      ),
    ];
  });
  return inOrder(findings);
}
