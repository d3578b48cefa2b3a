/** A MIME entity (RFC 2045, 2046), as much of it as is worth reading. */
export interface Part {
  /** Unfolded; names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `text/plain` where nothing else is said. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The content without its transfer encoding. */
  readonly text: string;
  /** Of a multipart its parts; of an attached message that message. */
  readonly parts: readonly Part[];
}

/** A report has three parts and holds one message. What is deeper or more was made to keep us busy. */
const DEEPEST = 8;
const MOST_PARTS = 64;
const MOST_HEADERS = 500;

/**
 * Reads a message, one character an octet (latin1). It never throws: what is cut short is read as far as it goes, and
 * parts beyond 64 or deeper than 8 are left out. Compressed attachments stay closed.
 */
export function readMime(source: string): Part {
  return readPart(source, 0, { parts: MOST_PARTS });
}

/** The first value of a header; '' when there is none. */
export function headerOf(part: Part, name: string): string {
  return part.headers.find(([key]) => key === name)?.[1] ?? '';
}

/** All values of a header. */
export function headersOf(part: Part, name: string): string[] {
  return part.headers.filter(([key]) => key === name).map(([, value]) => value);
}

/** The part and all within it, in the order of reading. */
export function* walk(part: Part): Generator<Part> {
  yield part;
  for (const inner of part.parts) yield* walk(inner);
}

/** Header fields of a text, also of the blocks of a report, which have the same form (RFC 3464 §2.1). */
export function readHeaders(text: string): [string, string][] {
  return text
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/, MOST_HEADERS)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).trim().toLowerCase();
      return colon > 0 && /^[\x21-\x7e]+$/.test(name) ? [[name, line.slice(colon + 1).trim()]] : [];
    });
}

function readPart(source: string, depth: number, budget: { parts: number }): Part {
  const { head, body } = splitHead(source);
  const headers = readHeaders(head).map(([name, value]): [string, string] => [name, unicode(value)]);
  const header = (name: string) => headers.find(([key]) => key === name)?.[1] ?? '';
  const { type, parameters } = readContentType(header('content-type'));
  const encoding = header('content-transfer-encoding').toLowerCase();
  const inner: Part[] = [];
  const add = (text: string) => {
    if (depth >= DEEPEST || budget.parts <= 0) return;
    budget.parts -= 1;
    inner.push(readPart(text, depth + 1, budget));
  };
  if (type.startsWith('multipart/') && parameters.boundary)
    for (const text of splitMultipart(body, parameters.boundary, budget.parts)) add(text);
  // RFC 6533 lets what holds UTF-8 be encoded, and some servers encode the rest too.
  const octets = type.startsWith('multipart/') ? '' : decode(body, encoding);
  if (type === 'message/rfc822' || type === 'message/global') add(octets);
  if (type === 'text/rfc822-headers' || type === 'message/global-headers') add(`${octets}\r\n\r\n`);
  return { headers, type, parameters, text: unicode(octets), parts: inner };
}

function splitHead(source: string): { head: string; body: string } {
  const first = /^\r?\n/.exec(source);
  if (first) return { head: '', body: source.slice(first[0].length) };
  const end = /\r?\n\r?\n/.exec(source);
  if (!end) return { head: source, body: '' };
  return { head: source.slice(0, end.index), body: source.slice(end.index + end[0].length) };
}

function readContentType(value: string): Pick<Part, 'type' | 'parameters'> {
  const type = /^\s*([\w.+-]+\/[\w.+-]+)/.exec(value)?.[1]?.toLowerCase() ?? 'text/plain';
  const parameters: Record<string, string> = {};
  for (const [, name, quoted, bare] of value
    .slice(0, 2000)
    .matchAll(/;\s*([\w*-]{1,40})\s*=\s*(?:"([^"]*)"|([^\s;"]+))/g))
    parameters[name!.toLowerCase()] ??= quoted ?? bare ?? '';
  return { type, parameters };
}

/** The parts between delimiter lines (RFC 2046 §5.1.1), at most so many; one that never ends goes to the end. */
function splitMultipart(body: string, boundary: string, most: number): string[] {
  const delimiter = `--${boundary}`;
  const parts: string[] = [];
  let begin = -1;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (at > 0 && body[at - 1] !== '\n') continue;
    if (begin >= 0) parts.push(body.slice(begin, at).replace(/\r?\n$/, ''));
    if (parts.length >= most || body.startsWith('--', at + delimiter.length)) return parts;
    const line = body.indexOf('\n', at);
    if (line < 0) return parts;
    begin = line + 1;
  }
  return begin < 0 ? parts : [...parts, body.slice(begin)];
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('latin1');
  if (encoding !== 'quoted-printable') return body;
  return body
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function unicode(octets: string): string {
  return /[\x80-\xff]/.test(octets) ? Buffer.from(octets, 'latin1').toString('utf8') : octets;
}
