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

/**
 * The DKIM-Signature fields of a message, one a key, relaxed/relaxed, to be signed. `headers`: field lines without CRLF
 * at their end; `bodyHash`: base64; `at`: seconds. Of two keys the Ed25519 one has the selector `SELECTOR-ed25519`, for
 * a DNS record holds one key (RFC 8463).
 */
export function prepareSignatures(
  headers: readonly string[],
  bodyHash: string,
  at: number,
  { domain, selector, exclude, keys }: DkimSigner,
): Unsigned[] {
  const left = new Set(exclude.map((name) => name.toLowerCase()));
  const names = COVERED.filter((name) => name === 'From' || !left.has(name.toLowerCase()));
  const signed = names.flatMap((name) => headers.filter((header) => header.startsWith(`${name}:`)));
  const covered = [
    ...signed.map((header) => header.slice(0, header.indexOf(':'))),
    ...SEALED.filter((name) => names.includes(name)),
  ];
  const canonical = signed.map(relaxHeader).join('\r\n');
  return keys.map((key) => {
    const ed25519 = key.asymmetricKeyType === 'ed25519';
    const field =
      `DKIM-Signature: v=1; a=${ed25519 ? 'ed25519' : 'rsa'}-sha256; c=relaxed/relaxed; d=${domain};\r\n` +
      ` s=${ed25519 && keys.length > 1 ? `${selector}-ed25519` : selector}; t=${at};\r\n bh=${bodyHash};\r\n` +
      ` h=${covered.join(':').replace(/(.{50,66}?:)/g, '$1\r\n ')};\r\n b=`;
    const data = Buffer.from(`${canonical}\r\n${relaxHeader(field)}`);
    return {
      key,
      // RFC 8463 §3: Ed25519 signs the SHA-256 of the data.
      algorithm: ed25519 ? null : 'sha256',
      data: ed25519 ? createHash('sha256').update(data).digest() : data,
      complete: (signature) => field + signature.toString('base64').replace(/.{70}(?=.)/g, '$&\r\n '),
    };
  });
}

/** RFC 6376 §3.4.2. */
function relaxHeader(header: string): string {
  const colon = header.indexOf(':');
  const value = header
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${header.slice(0, colon).toLowerCase()}:${value}`;
}
