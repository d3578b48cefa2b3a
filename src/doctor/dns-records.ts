import type { KeyObject } from 'node:crypto';
import { dkimRecords } from './check-dkim.ts';
import { knownRelay } from './relays.ts';

export interface DnsRecord {
  readonly name: string;
  readonly type: 'TXT' | 'MX';
  readonly value: string;
  readonly why: string;
}

/** The DNS records that a newsletter needs, to be published where its domain is kept. */
export function dnsRecords(setup: {
  readonly from: string;
  /** Domain of the reverse-path. */
  readonly envelope: string;
  readonly relayHost: string | null;
  readonly relayIps: readonly string[];
  readonly dkim: { readonly domain: string; readonly selector: string } | null;
  readonly keys: readonly KeyObject[];
}): DnsRecord[] {
  const known = setup.relayHost === null ? null : knownRelay(setup.relayHost);
  const terms = known
    ? [`include:${known.include}`]
    : setup.relayIps.map((ip) => `${ip.includes(':') ? 'ip6' : 'ip4'}:${ip}`);
  const spf = ['v=spf1', ...(terms.length > 0 ? terms : ['mx']), '~all'].join(' ');
  const keys = setup.dkim === null ? [] : dkimRecords(setup.dkim, setup.keys);
  return [
    {
      name: setup.envelope,
      type: 'TXT',
      value: spf,
      why: 'SPF: who may send with this domain in the reverse-path',
    },
    ...keys.map(({ name, record }) => ({
      name,
      type: 'TXT' as const,
      value: record,
      why: 'DKIM: the public half of DKIM_PRIVATE_KEY',
    })),
    {
      name: `_dmarc.${setup.from}`,
      type: 'TXT',
      value: `v=DMARC1; p=none; rua=mailto:postmaster@${setup.from}`,
      why: 'DMARC: begin with p=none, read the reports, then quarantine or reject',
    },
  ];
}

/** A line of a zone file (RFC 1035 §5.1); a string holds at most 255 octets, so a long key is several. */
export function zoneLine({ name, type, value }: DnsRecord): string {
  const strings = value.match(/.{1,255}/gs) ?? [''];
  return `${name}. 3600 IN ${type} ${strings.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(' ')}`;
}
