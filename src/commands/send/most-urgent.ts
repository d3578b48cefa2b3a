import { EXIT } from '../../exit.ts';

/** What needs a person soonest stands first. */
const URGENCY: readonly number[] = [
  EXIT.interrupted,
  EXIT.configuration,
  EXIT.again,
  EXIT.findings,
  EXIT.undelivered,
];

/** One exit code for several issues. */
export function mostUrgent(codes: readonly number[]): number {
  return URGENCY.find((code) => codes.includes(code)) ?? EXIT.ok;
}
