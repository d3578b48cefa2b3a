import type { KeyObject } from 'node:crypto';
import { dkimRecords } from './check-dkim.ts';
import { knownRelay } from './relays.ts';

export interface DnsRecord {
  readonly name: string;
  readonly type: 'TXT' | 'MX';
  readonly value: string;
  readonly why: string;
}

/** What is published already, read before: a second SPF or DMARC record would make both void. */
export interface PublishedRecords {
  readonly spf: string | null;
  readonly dmarc: string | null;
}

/** The DNS records that a newsletter needs, to be published where its domain is kept; `why` says what each replaces. */
export function dnsRecords(setup: {
  readonly from: string;
  /** Domain of the reverse-path. */
  readonly envelope: string;
  readonly relays: readonly { readonly host: string; readonly ips: readonly string[] }[];
  readonly dkim: { readonly domain: string; readonly selector: string } | null;
  readonly keys: readonly KeyObject[];
  readonly published: PublishedRecords;
}): DnsRecord[] {
  const { from, envelope, published } = setup;
  const keys = setup.dkim === null ? [] : dkimRecords(setup.dkim, setup.keys);
  const spf = spfRecord(published.spf, setup.relays);
  const beside =
    published.spf === null
      ? ''
      : spf === published.spf
        ? ', as it is there'
        : ', in place of the one that is there: two are void';
  return [
    {
      name: envelope,
      type: 'TXT',
      value: spf,
      why: `SPF: who may send with this domain in the reverse-path${beside}`,
    },
    ...keys.map(({ name, record }) => ({
      name,
      type: 'TXT' as const,
      value: record,
      why: 'DKIM: the public half of DKIM_PRIVATE_KEY',
    })),
    {
      name: `_dmarc.${from}`,
      type: 'TXT',
      value: published.dmarc ?? `v=DMARC1; p=none; rua=mailto:postmaster@${from}`,
      why:
        published.dmarc === null
          ? 'DMARC: begin with p=none, read the reports, then quarantine or reject'
          : 'DMARC: as it is there',
    },
  ];
}

/** The record that is there, or a new one, with what allows these relays before its `all` or `redirect`. */
function spfRecord(
  there: string | null,
  relays: readonly { readonly host: string; readonly ips: readonly string[] }[],
): string {
  const wanted = relays.flatMap(({ host, ips }) => {
    const known = knownRelay(host);
    return known
      ? [`include:${known.include}`]
      : ips.map((ip) => `${ip.includes(':') ? 'ip6' : 'ip4'}:${ip}`);
  });
  const terms = (there ?? 'v=spf1 ~all').split(/\s+/).filter(Boolean);
  const missing = [...new Set(wanted)].filter((term) => !terms.includes(term));
  if (there === null && missing.length === 0) missing.push('mx');
  const end = terms.findIndex((term) => /^(?:[-~?+]?all|redirect=.*)$/i.test(term));
  terms.splice(end < 0 ? terms.length : end, 0, ...missing);
  return terms.join(' ');
}

/** A line of a zone file (RFC 1035 §5.1); a string holds at most 255 octets, so a long key is several. */
export function zoneLine({ name, type, value }: DnsRecord): string {
  const strings = value.match(/.{1,255}/gs) ?? [''];
  return `${name}. 3600 IN ${type} ${strings.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(' ')}`;
}
