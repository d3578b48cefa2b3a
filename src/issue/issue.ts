import type { Finding } from '../finding.ts';

/** One Markdown file, read. Front matter's keys are already resolved to Broadsheet's (DESIGN: Front matter). */
export interface Issue {
  readonly slug: string;
  /** The Markdown file, as findings name it. */
  readonly path: string;
  /** Folder of the Markdown file, '/'-separated, same base as `path`; relative images resolve against it. */
  readonly folder: string;
  readonly title: string;
  /** May hold `{{subscriber.X}}`. */
  readonly subject: string;
  /** Markdown stripped and cut for inboxes; may hold `{{subscriber.X}}`; null when nothing was given. */
  readonly preheader: string | null;
  /** ISO 8601 instant or calendar day as given, or null; shown, never a schedule. */
  readonly date: string | null;
  readonly draft: boolean;
  /** As written: `2026-12-01T09:00+01:00` or `2026-12-01 09:00 Europe/Berlin`; null: sent by hand. */
  readonly sendAt: string | null;
  readonly lateBy: string | null;
  /** The slug of the issue that this one corrects: it goes to those who got that one. */
  readonly errataFor: string | null;
  readonly lang: string | null;
  readonly dir: 'ltr' | 'rtl' | null;
  readonly list: string | null;
  readonly template: string | null;
  /** As written, unparsed: `Name <address>`. */
  readonly from: string | null;
  readonly replyTo: string | null;
  readonly tags: readonly string[];
  readonly authors: readonly string[];
  /** `/blog/ebpf-updates-2020-12`, from `permalink` or `path`; null: `/SLUG`. */
  readonly webPath: string | null;
  /** Whether it is shown in the public archive; null: when it goes to a whole list. */
  readonly archive: boolean | null;
  /** Rules silenced in this issue. */
  readonly silence: readonly string[];
  /** Markdown after the front matter, no byte-order mark, line ends LF. */
  readonly body: string;
  /** Line of the file on which `body` begins, from 1. */
  readonly bodyLine: number;
  /** Everything the front matter held, unknown keys too; plain JSON values. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Line and column of each top-level key. */
  readonly keys: Readonly<Record<string, { readonly line: number; readonly column: number }>>;
}

/** What reading gives: an issue, or null with at least one error among the findings. */
export interface ReadIssue {
  readonly issue: Issue | null;
  readonly findings: readonly Finding[];
}
