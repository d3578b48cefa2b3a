import type { Finding, Severity } from '../finding.ts';

/** Where something stands in the author's file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Tells of something to mend in the issue that is being compiled. */
export type Report = (severity: Severity, rule: string, at: Place, message: string, hint?: string) => void;

/** Collects what is reported about the file `path` into `findings`. */
export function openReport(path: string, findings: Finding[]): Report {
  return (severity, rule, { line, column }, message, hint = '') => {
    findings.push({ rule, severity, path, line, column, message, hint });
  };
}
