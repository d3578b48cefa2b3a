import type { Expression } from '../expression.ts';
import type { Finding } from '../finding.ts';
import type { Mailbox } from '../mail.ts';

/**
 * Where a hole's value lands, and so how it is escaped. `address`: it is the beginning of a link's address or all of
 * it, so it must itself be one of http, https or mailto; `url`: a part of an address, percent-encoded.
 */
export type Landing = 'html' | 'attribute' | 'address' | 'url' | 'text' | 'header';

/** A hole filled for each reader. `name`: `subscriber.FIELD` or `links.unsubscribe|preferences|web`. */
export interface Field {
  readonly kind: 'field';
  readonly name: string;
  /** Used when the reader lacks the field or it is empty; null: empty text. */
  readonly fallback: string | null;
  readonly landing: Landing;
}

/** A part for some readers only. Both branches are well formed by themselves. */
export interface Choice {
  readonly kind: 'choice';
  readonly when: Expression;
  readonly then: Stencil;
  readonly otherwise: Stencil;
}

/** A text with holes; adjacent strings are joined. */
export type Stencil = readonly (string | Field | Choice)[];

/** An image that travels inside the message. */
export interface EmbeddedImage {
  /** Content-ID without brackets. */
  readonly cid: string;
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif';
  readonly filename: string;
  readonly bytes: Uint8Array;
}

/** An image to be published at `publicUrl` under a content-hashed name. */
export interface HostedImage {
  /** `/images/community-1a2b3c4d.png`, below publicUrl. */
  readonly path: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Where the author used a merge field: for coverage findings. */
export interface FieldUse {
  readonly field: string;
  readonly fallback: string | null;
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A link as the author wrote it and as it is mailed. */
export interface LinkUse {
  readonly href: string;
  readonly text: string;
  readonly kind: 'link' | 'image' | 'fragment' | 'mailto' | 'system';
  readonly line: number;
  readonly column: number;
}

/** Where an image was used; width and height in CSS pixels as laid out, null for remote ones without a size. */
export interface ImageUse {
  readonly src: string;
  readonly alt: string;
  readonly width: number | null;
  readonly height: number | null;
  /** Octets that travel or are hosted; 0 for remote ones. */
  readonly size: number;
  readonly line: number;
  readonly column: number;
}

/** A part of the email under one h2 (the first: what stands before any). */
export interface Section {
  readonly id: string;
  /** Plain text of the heading; '' for the first part. */
  readonly title: string;
  readonly line: number;
  /** Octets of its HTML, holes empty. */
  readonly size: number;
}

/** An issue compiled once: all readers' mails but for the holes. Plain data; `digest` names it. */
export interface Email {
  readonly slug: string;
  readonly title: string;
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  readonly from: Mailbox;
  readonly replyTo: Mailbox | null;
  readonly subject: Stencil;
  readonly preheader: Stencil;
  readonly html: Stencil;
  readonly text: Stencil;
  readonly embedded: readonly EmbeddedImage[];
  readonly hosted: readonly HostedImage[];
  readonly fields: readonly FieldUse[];
  readonly links: readonly LinkUse[];
  readonly images: readonly ImageUse[];
  readonly sections: readonly Section[];
  /** False: it is not shown in the public archive. Of emails recorded before there was one, absent. */
  readonly archive?: boolean;
  /** SHA-256, hex, over everything that a reader can receive. Same input, same digest. */
  readonly digest: string;
}

/** What compiling gives: an email, or null with at least one error among the findings. */
export interface CompiledEmail {
  readonly email: Email | null;
  readonly findings: readonly Finding[];
  /** The MJML handed to MJML, for the preview's source view; '' when it never came so far. */
  readonly mjml: string;
}

/** A template and what belongs to it, as read from `templates/`. */
export interface Template {
  readonly name: string;
  /** `templates/newsletter.mjml`, as findings name it. */
  readonly path: string;
  readonly source: string;
  /** Partials by name (`footer` for `templates/partials/footer.mjml`), with their paths. */
  readonly partials: Readonly<Record<string, { readonly path: string; readonly source: string }>>;
  /** `templates/NAME.css`, '' when there is none. */
  readonly css: string;
}

/** Reads a local image by its path (same base as Issue.path); null: no such file; may refuse with a reason. */
export type ReadAsset = (path: string) => Promise<Uint8Array | null | { readonly refused: string }>;
