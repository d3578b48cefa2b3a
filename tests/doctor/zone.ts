import type { Looked, LookUp } from '../../src/doctor/look-up.ts';

/** Records by `TYPE name`; an Error is a server that does not answer. */
export type Zone = Readonly<Record<string, readonly string[] | Error>>;

/** A resolver over a zone written here, and what it was asked. */
export function resolverOf(zone: Zone): { lookUp: LookUp; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async lookUp(name, type): Promise<Looked> {
      asked.push(`${type} ${name}`);
      if (asked.length > 500) throw new Error('asked without end');
      const found = zone[`${type} ${name}`] ?? [];
      return found instanceof Error ? { records: [], fault: found.message } : { records: found, fault: null };
    },
  };
}

/** Everything as it should be, for a relay of one's own at 192.0.2.25. */
export const good: Zone = {
  'TXT example.com': ['a note', 'v=spf1 mx include:_spf.example.net -all'],
  'TXT _spf.example.net': ['v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 -all'],
  'TXT _dmarc.example.com': ['v=DMARC1; p=quarantine; rua=mailto:reports@example.com'],
  'MX example.com': ['10 mx.example.com'],
  'A mx.example.com': ['192.0.2.10'],
  'A smtp.example.com': ['192.0.2.5'],
  'AAAA smtp.example.com': ['2001:db8::5'],
  'PTR 5.2.0.192.in-addr.arpa': ['smtp.example.com'],
  'PTR 5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': ['smtp.example.com'],
};
