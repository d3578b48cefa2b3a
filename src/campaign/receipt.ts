import { createHash } from 'node:crypto';
import type { Email, Stencil } from '../email/email.ts';
import type { Sender } from './campaign.ts';

/** That somebody has seen an issue as readers will get it: what `approval: 'required'` asks for before a live send. */
export interface Receipt {
  readonly slug: string;
  /** Of `parts`. */
  readonly digest: string;
  readonly parts: Parts;
  /** `test`: a mail server has taken a test-send of it. `hand`: `--approve`. */
  readonly how: 'test' | 'hand';
  readonly who: string;
  /** Of the repository, as it stood; null: there is none. */
  readonly commit: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Everything that a reader can receive, by part: short ones as they are, to be shown; long ones as their SHA-256. */
export type Parts = Readonly<
  Record<'subject' | 'preheader' | 'from' | 'list' | 'html' | 'text' | 'images', string>
>;

/** The parts of an email to a list. Whether it is a test makes no difference: that is the point. */
export function partsOf(email: Email, sender: Sender): Parts {
  const { purpose, from, replyTo, ...list } = sender;
  const images = [...email.embedded, ...email.hosted].map(({ bytes, ...image }) => ({
    ...image,
    bytes: sha256(bytes),
  }));
  return {
    subject: words(email.subject),
    preheader: words(email.preheader),
    from: [from, replyTo].map((box) => (box ? `${box.name} <${box.address}>` : '')).join(' '),
    list: JSON.stringify(list),
    html: sha256(JSON.stringify([email.lang, email.dir, email.html])),
    text: sha256(JSON.stringify(email.text)),
    images: sha256(JSON.stringify(images)),
  };
}

/** One name for all parts. */
export function digestOfParts(parts: Parts): string {
  return sha256(JSON.stringify(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** What differs between what was approved and what would be sent, a line a part. */
export function differences(approved: Parts, now: Parts): string[] {
  return (Object.keys(now) as (keyof Parts)[])
    .filter((part) => approved[part] !== now[part])
    .map((part) =>
      /^[0-9a-f]{64}$/.test(now[part])
        ? `${part} changed`
        : `${part} was ${JSON.stringify(approved[part] ?? '')}, is ${JSON.stringify(now[part])}`,
    );
}

function words(stencil: Stencil): string {
  return stencil
    .map((piece) =>
      typeof piece === 'string'
        ? piece
        : piece.kind === 'field'
          ? `{{${piece.name}${piece.fallback === null ? '' : ` | ${JSON.stringify(piece.fallback)}`}}}`
          : JSON.stringify(piece),
    )
    .join('');
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
