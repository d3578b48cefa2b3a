import type { Finding } from '../../finding.ts';
import type { Due } from '../../schedule/plan-schedule.ts';
import { instant } from './show-schedule.ts';

/** That an issue's time is over, at the line where it says when that was. */
export function lateFinding({ issue, at, wantedUntil }: Due): Finding {
  const { path, keys } = issue;
  return {
    rule: 'late',
    severity: 'error',
    path,
    ...(keys.sendAt ?? { line: 1, column: 1 }),
    message: `It was due at ${instant(at)} and wanted until ${instant(wantedUntil)}: it is not sent.`,
    hint: 'Set a new "sendAt" or a longer "lateBy", like 3d; or take "sendAt" out.',
  };
}
