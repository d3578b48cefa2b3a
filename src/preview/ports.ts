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

/** An earlier form of an issue: as it was sent, or at a commit. */
export interface Earlier {
  /** `sent:CAMPAIGN` or `git:HASH`. */
  readonly id: string;
  readonly label: string;
}

/** What came of something that was asked for by a button, in words for a person. */
export interface Answer {
  readonly good: boolean;
  readonly lines: readonly string[];
}

/** What the preview is handed: the project, mail in the making, the inbox, and what reaches outside when it is asked to. */
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
  earlier(shown: ShownEmail): Promise<readonly Earlier[]>;
  /** Null: there is none of that name, or it does not compile today. */
  earlierEmail(shown: ShownEmail, id: string): Promise<Email | null>;
  /** Sends a test to an address, through the mail server of the configuration or the inbox. */
  sendTest(email: Email, list: string, to: string): Promise<Answer>;
  /** Asks the web for an address. */
  probe(href: string): Promise<{ readonly works: boolean; readonly words: string }>;
  /** Asks SpamAssassin; null: none is configured. */
  readonly spam: ((message: Uint8Array) => Promise<Answer>) | null;
  /** The accessibility checker's source, for the mail's frame. */
  axe(): Promise<string>;
}
