import type { Finding } from '../finding.ts';
import { RULES, type RuleName } from './rules.ts';

/** Where something stands in a file; line and column from 1. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A finding of a rule of this room, with the severity that the table gives it. */
export function found(rule: RuleName, place: Place, message: string, hint = ''): Finding {
  const { path, line, column } = place;
  return { rule, severity: RULES[rule], path, line, column, message, hint };
}
