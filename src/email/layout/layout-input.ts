import type { Issue } from '../../issue/issue.ts';

/**
 * What the Markdown stage hands to the layout. Strings of HTML are sanitised and complete by themselves;
 * all strings may hold hole tokens (`[a-z0-9]+`), which come out as they went in.
 */
export interface LayoutInput {
  readonly issue: Issue;
  /** The issue's title as plain text (not HTML). */
  readonly title: string;
  /** The subject as plain text, with tokens: the document's `<title>`. */
  readonly subject: string;
  /** Plain text with tokens; '' when there is none. */
  readonly preheader: string;
  readonly sections: readonly LayoutSection[];
  /** The contents' entries in order; shown only when there are three or more. */
  readonly toc: readonly LayoutEntry[];
  /** BCP 47. */
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  /** The brand's logo, already prepared (`src` is an address or `cid:`); null: the name set in type. */
  readonly logo: { readonly src: string; readonly width: number; readonly height: number | null } | null;
  /** The token of a hole that the template names: `subscriber.first_name`, `links.unsubscribe`. */
  token(name: string): string;
}

/** A part of the body: one table row of its own. */
export interface LayoutSection {
  /** The fragment that the contents link to; '' for what stands before the first h2. */
  readonly id: string;
  /** Plain text of the heading; '' when there is none. */
  readonly title: string;
  /** Its HTML, with its h2 (no `id` needed on it: the row's anchor carries it). */
  readonly html: string;
  /** Choice tokens that stand before and after the whole row; '' or absent for none. */
  readonly before?: string;
  readonly after?: string;
}

export interface LayoutEntry {
  readonly id: string;
  readonly title: string;
  /** Choice tokens around the entry. */
  readonly before?: string;
  readonly after?: string;
}
