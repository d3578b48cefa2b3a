import { createHash, type KeyObject } from 'node:crypto';

/** What is covered: From by RFC 6376 §5.4, both List-Unsubscribe fields by RFC 8058 §4, the rest by DESIGN. */
const COVERED = [
  'From', 'Reply-To', 'To', 'Subject', 'Date', 'Message-ID', 'MIME-Version', 'Content-Type', 'List-Id',
  'List-Unsubscribe', 'List-Unsubscribe-Post', 'Feedback-ID', 'Precedence',
]; // biome-ignore format: a table

/** Named once more than they occur, so that nobody can add another that a reader would see (RFC 6376 §8.15). */
const SEALED = ['From', 'To', 'Subject'];

export interface DkimSigner {
  readonly domain: string;
  readonly selector: string;
  /** Fields that the relay rewrites (SES: Message-ID, Date) and that so must not be signed. From always is. */
  readonly exclude: readonly string[];
  readonly keys: readonly KeyObject[];
}

/** A DKIM-Signature field that lacks its signature. */
export interface Unsigned {
  readonly key: KeyObject;
  /** As `sign` of node:crypto wants it. */
  readonly algorithm: 'sha256' | null;
  readonly data: Uint8Array;
  /** The whole field, folded, without CRLF at its end. */
  complete(signature: Buffer): string;
}

/** What the messages with fields of the same names have in common. */
interface Plan {
  /** Which of the fields are covered, in the order of `h=`. */
  readonly covered: readonly number[];
  /** The DKIM-Signature field of each key, around its `t=` and `bh=`, as it is written and as it is hashed. */
  readonly frames: readonly { readonly ed25519: boolean; readonly written: Frame; readonly hashed: Frame }[];
}
type Frame = readonly [before: string, between: string, after: string];

/**
 * Gives a function that makes the DKIM-Signature fields of a message, one a key, relaxed/relaxed, to be signed. It takes
 * field lines without CRLF at their end, the hash of the body in base64, and seconds since 1970. `constant`: lines that
 * come with every message, which are brought into canonical form once. Of two keys the Ed25519 one has the selector
 * `SELECTOR-ed25519`, for a DNS record holds one key (RFC 8463).
 */
export function prepareSignatures(
  constant: readonly string[],
  signer: DkimSigner,
): (headers: readonly string[], bodyHash: string, at: number) => Unsigned[] {
  const relaxed = new Map(constant.map((header) => [header, relaxHeader(header)]));
  const plans = new Map<string, Plan>();
  return (headers, bodyHash, at) => {
    const names = headers.map((header) => header.slice(0, header.indexOf(':')));
    const kind = names.join(':');
    const plan = plans.get(kind) ?? planFor(names, signer);
    plans.set(kind, plan);
    const canonical = plan.covered
      .map((index) => relaxed.get(headers[index]!) ?? relaxHeader(headers[index]!))
      .join('\r\n');
    return signer.keys.map((key, index) => {
      const { ed25519, written, hashed } = plan.frames[index]!;
      const filled = ([before, between, after]: Frame) => before + at + between + bodyHash + after;
      const data = Buffer.from(`${canonical}\r\n${filled(hashed)}`);
      return {
        key,
        // RFC 8463 §3: Ed25519 signs the SHA-256 of the data.
        algorithm: ed25519 ? null : 'sha256',
        data: ed25519 ? createHash('sha256').update(data).digest() : data,
        complete: (signature) => filled(written) + folded(signature.toString('base64')),
      };
    });
  };
}

function planFor(names: readonly string[], { domain, selector, exclude, keys }: DkimSigner): Plan {
  const left = new Set(exclude.map((name) => name.toLowerCase()));
  const wanted = COVERED.filter((name) => name === 'From' || !left.has(name.toLowerCase()));
  const covered = wanted.flatMap((name) => names.flatMap((other, index) => (other === name ? [index] : [])));
  const told = [...covered.map((index) => names[index]), ...SEALED.filter((name) => wanted.includes(name))];
  const frames = keys.map((key) => {
    const ed25519 = key.asymmetricKeyType === 'ed25519';
    const before =
      `DKIM-Signature: v=1; a=${ed25519 ? 'ed25519' : 'rsa'}-sha256; c=relaxed/relaxed; d=${domain};\r\n` +
      ` s=${ed25519 && keys.length > 1 ? `${selector}-ed25519` : selector}; t=`;
    const between = ';\r\n bh=';
    const after = `;\r\n h=${told.join(':').replace(/(.{50,66}?:)/g, '$1\r\n ')};\r\n b=`;
    return {
      ed25519,
      written: [before, between, after] as const,
      hashed: [relaxHeader(before), relax(between), relax(after)] as const,
    };
  });
  return { covered, frames };
}

/** Base64 in lines of 70 letters. */
function folded(base64: string): string {
  let lines = base64.slice(0, 70);
  for (let at = 70; at < base64.length; at += 70) lines += `\r\n ${base64.slice(at, at + 70)}`;
  return lines;
}

/** RFC 6376 §3.4.2. */
function relaxHeader(header: string): string {
  const colon = header.indexOf(':');
  return `${header.slice(0, colon).toLowerCase()}:${relax(header.slice(colon + 1)).trim()}`;
}

/** Unfolded, with single spaces. */
function relax(text: string): string {
  return text.replace(/\r\n/g, '').replace(/[ \t]+/g, ' ');
}
