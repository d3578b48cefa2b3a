import type { Subscriber } from '../audience/audience.ts';
import type { CompiledEmail, Email } from '../email/email.ts';
import type { Issue, ReadIssue } from '../issue/issue.ts';
import type { Newsletter } from '../newsletter.ts';

/** An issue as it was found in the project, readable or not. */
export type ShownIssue = ReadIssue & { readonly path: string };

/** A compiled issue with all findings about it. */
export interface ShownEmail extends CompiledEmail {
  readonly issue: Issue | null;
  readonly path: string;
}

/** What the preview is handed: the project, mail in the making, and the inbox. */
export interface PreviewPorts {
  readonly newsletter: Newsletter;
  /** All issues, newest first. */
  issues(): Promise<readonly ShownIssue[]>;
  render(issue: ShownIssue): Promise<ShownEmail>;
  /** Up to `limit` readers of a list whose address or field holds `query` ('' finds all). */
  readers(list: string, query: string, limit: number): Promise<readonly Subscriber[]>;
  /** What became of issues, by slug, in a few words: `accepted 1,204 of 1,210`. */
  sent(): Promise<ReadonlyMap<string, string>>;
  /** What a hole stands for in this reader's mail. */
  value(email: Email, list: string, reader: Subscriber): (name: string) => string | undefined;
  /** The whole message as a test would send it. */
  message(email: Email, list: string, reader: Subscriber): Uint8Array;
  readonly inbox: {
    /** Newest first. */
    names(): Promise<readonly string[]>;
    read(name: string): Promise<Uint8Array | null>;
  };
}
