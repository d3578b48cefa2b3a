/** DNS as the doctor needs it. `records` are texts: of MX `10 mx.example.com`, of TXT its strings joined. */
export type LookUp = (name: string, type: RecordType) => Promise<Looked>;

export type RecordType = 'TXT' | 'MX' | 'A' | 'AAAA' | 'PTR';

/** No record and no fault: there is none. A fault: the answer is not known, which is no reason to blame the zone. */
export interface Looked {
  readonly records: readonly string[];
  readonly fault: string | null;
}

/** The addresses of a host; one that is an address is its own. */
export async function addressesOf(host: string, lookUp: LookUp): Promise<Looked> {
  if (/^[\d.]+$/.test(host) || host.includes(':')) return { records: [host], fault: null };
  const [four, six] = await Promise.all([lookUp(host, 'A'), lookUp(host, 'AAAA')]);
  const records = [...four.records, ...six.records];
  return { records, fault: records.length > 0 ? null : (four.fault ?? six.fault) };
}

/** `tag=value; tag=value`, as DKIM and DMARC records are written (RFC 6376 §3.2); the first of a tag counts. */
export function readTags(record: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const piece of record.split(';').slice(0, 100)) {
    const equals = piece.indexOf('=');
    const tag = piece.slice(0, equals).trim().toLowerCase();
    if (equals > 0 && !tags.has(tag)) tags.set(tag, piece.slice(equals + 1).trim());
  }
  return tags;
}
