import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** What must be covered: RFC 8058 §4 demands both List-Unsubscribe fields; RFC 6376 §5.4 From. */
const COVERED = [
  'From', 'Reply-To', 'To', 'Subject', 'Date', 'Message-ID', 'MIME-Version', 'Content-Type', 'List-Id',
  'List-Unsubscribe', 'List-Unsubscribe-Post', 'Feedback-ID', 'Precedence',
]; // biome-ignore format: a table

export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  /** Header fields that the relay rewrites and that so must not be signed. */
  readonly exclude: readonly string[];
  readonly key: KeyObject;
}

/** Reads a PEM private key, RSA or Ed25519. Throws what node:crypto throws; the key is never in the message. */
export function readDkimKey(pem: string): KeyObject {
  return createPrivateKey(pem);
}

/**
 * The DKIM-Signature field of a message (RFC 6376; Ed25519 by RFC 8463), relaxed/relaxed, folded, without its CRLF.
 * `headers` are field lines without CRLF at their end, `body` has CRLF line ends. `at` in seconds. Deterministic.
 */
export function signDkim(
  headers: readonly string[],
  body: string,
  at: number,
  { domain, selector, exclude, key }: DkimKey,
): string {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? 'ed25519-sha256' : 'rsa-sha256';
  const left = new Set(exclude.map((name) => name.toLowerCase()));
  const signed = COVERED.filter((name) => !left.has(name.toLowerCase())).flatMap((name) =>
    headers.filter((header) => header.toLowerCase().startsWith(`${name.toLowerCase()}:`)),
  );
  const names = signed.map((header) => header.slice(0, header.indexOf(':'))).join(':');
  const bodyHash = createHash('sha256').update(relaxBody(body)).digest('base64');
  const field =
    `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed; d=${domain}; s=${selector};\r\n t=${at}; bh=${bodyHash};\r\n` +
    ` h=${names.replace(/(.{50,60}:)/g, '$1\r\n ')};\r\n b=`;
  const data = Buffer.from([...signed.map(relaxHeader), relaxHeader(field)].join('\r\n'));
  // RFC 8463 §3: Ed25519 signs the SHA-256 of the data.
  const signature =
    algorithm === 'rsa-sha256'
      ? sign('sha256', data, key)
      : sign(null, createHash('sha256').update(data).digest(), key);
  return (
    field +
    signature
      .toString('base64')
      .replace(/(.{70})/g, '$1\r\n ')
      .trimEnd()
  );
}

/** RFC 6376 §3.4.2. */
function relaxHeader(header: string): string {
  const colon = header.indexOf(':');
  const value = header
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${header.slice(0, colon).toLowerCase().trim()}:${value}`;
}

/** RFC 6376 §3.4.4. */
function relaxBody(body: string): string {
  const relaxed = body
    .replace(/[ \t]+(?=\r\n|$)/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/(?:\r\n)+$/, '');
  return relaxed === '' ? '' : `${relaxed}\r\n`;
}
