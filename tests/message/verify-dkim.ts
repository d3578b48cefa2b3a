import { createHash, createPublicKey, verify } from 'node:crypto';

/**
 * A second DKIM verifier, written from RFC 6376 §3.4 to §3.7, §5.4.2 and §6.1 and RFC 8463 alone: it shares no code
 * with what signs here nor with mailauth, and takes no shortcut that only our own messages would allow. Octets are
 * latin1 characters throughout. `keyOf` gives the TXT record at a name, or null. One verdict a signature, from the top:
 * `pass`, or why not.
 */
export function verifyDkim(message: Uint8Array, keyOf: (name: string) => string | null): string[] {
  const text = Buffer.from(message).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const body = end < 0 ? '' : text.slice(end + 4);
  const fields = (end < 0 ? text : text.slice(0, end)).split(/\r\n(?![ \t])/);
  return fields
    .filter((field) => nameOf(field) === 'dkim-signature')
    .map((signature) => verdict(signature, fields, body, keyOf));
}

function verdict(
  signature: string,
  fields: readonly string[],
  body: string,
  keyOf: (name: string) => string | null,
): string {
  const tag = tagsOf(signature.slice(signature.indexOf(':') + 1));
  for (const name of ['v', 'a', 'b', 'bh', 'd', 'h', 's']) if (!tag.get(name)) return `no ${name}=`;
  if (tag.get('v') !== '1') return 'another version';
  const algorithm = /^(rsa|ed25519)-sha256$/.exec(tag.get('a')!)?.[1];
  if (!algorithm) return 'another algorithm';
  if (tag.has('l')) return 'only a part of the body is covered';
  const [headerWay = 'simple', bodyWay = 'simple'] = (tag.get('c') ?? '').split('/').filter(Boolean);
  const covered = tag
    .get('h')!
    .split(':')
    .map((name) => name.trim().toLowerCase());
  if (!covered.includes('from')) return 'From is not covered';

  const bodyHash = createHash('sha256').update(canonicalBody(body, bodyWay), 'latin1').digest('base64');
  if (bodyHash !== unspaced(tag.get('bh')!)) return 'the body was changed';

  // §5.4.2: of fields with one name the last counts first; a name without a field left counts as nothing.
  const left = Map.groupBy(fields, nameOf);
  const chosen = covered.flatMap((name) => left.get(name)?.pop() ?? []);
  // §3.7: the signature's own field comes last, without the value of b= and without a line end.
  const own = signature.replace(/([;:][ \t\r\n]*b[ \t\r\n]*=)[^;]*/, '$1');
  const data = Buffer.from(
    chosen.map((field) => `${canonicalField(field, headerWay)}\r\n`).join('') +
      canonicalField(own, headerWay),
    'latin1',
  );

  const record = keyOf(`${tag.get('s')}._domainkey.${tag.get('d')}`);
  if (record === null) return 'no key';
  const key = tagsOf(record);
  if ((key.get('k') ?? 'rsa') !== algorithm) return 'a key of another kind';
  const octets = Buffer.from(unspaced(key.get('p') ?? ''), 'base64');
  if (octets.length === 0) return 'the key was revoked';
  const value = Buffer.from(unspaced(tag.get('b')!), 'base64');
  const good =
    algorithm === 'rsa'
      ? verify('sha256', data, createPublicKey({ key: octets, format: 'der', type: 'spki' }), value)
      : // RFC 8463 §3: PureEdDSA over the SHA-256 of the data; §4.2: the key is its 32 octets alone.
        verify(null, createHash('sha256').update(data).digest(), ed25519(octets), value);
  return good ? 'pass' : 'the headers were changed';
}

/** §3.2: a list of tags; one that stands twice makes all of it invalid. */
function tagsOf(list: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const part of list.split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    if (at < 0) continue;
    if (tags.has(name)) return new Map();
    tags.set(name, part.slice(at + 1).trim());
  }
  return tags;
}

function canonicalField(field: string, way: string): string {
  if (way === 'simple') return field;
  const at = field.indexOf(':');
  const value = field.slice(at + 1).replaceAll('\r\n', '');
  return `${field.slice(0, at).trim().toLowerCase()}:${value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')}`;
}

function canonicalBody(body: string, way: string): string {
  const lines = body.split('\r\n');
  const kept = way === 'simple' ? lines : lines.map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (kept.at(-1) === '') kept.pop();
  // §3.4.3: an empty body is one CRLF when simple; §3.4.4: nothing when relaxed.
  if (kept.length === 0) return way === 'simple' ? '\r\n' : '';
  return `${kept.join('\r\n')}\r\n`;
}

/** RFC 8410 §4: what stands before the 32 octets in a SubjectPublicKeyInfo. */
function ed25519(octets: Buffer) {
  const key = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), octets]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

function nameOf(field: string): string {
  return field.slice(0, field.indexOf(':')).trim().toLowerCase();
}

function unspaced(text: string): string {
  return text.replace(/[ \t\r\n]+/g, '');
}
