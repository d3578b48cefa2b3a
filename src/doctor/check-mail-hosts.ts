import type { Diagnosis, Verdict } from './diagnosis.ts';
import { addressesOf, type LookUp } from './look-up.ts';
import { knownRelay } from './relays.ts';

/** Can these domains receive mail: answers, bounces, requests to unsubscribe? (RFC 5321 §5.1, RFC 7505) */
export async function checkMx(domains: readonly string[], lookUp: LookUp): Promise<Diagnosis[]> {
  const say = (verdict: Verdict, says: string, mend = ''): Diagnosis => ({
    check: 'mx',
    verdict,
    says,
    mend,
    source: 'RFC 5321 §5.1, RFC 7505',
  });
  return Promise.all(
    [...new Set(domains)].map(async (domain) => {
      const { records, fault } = await lookUp(domain, 'MX');
      if (fault) return say('unknown', `The MX of ${domain} cannot be read: ${fault}.`, 'Run this again.');
      const hosts = records.map((record) => record.split(' ')[1] ?? '');
      if (hosts.some((host) => host === '' || host === '.'))
        return say(
          'fail',
          `${domain} says that it takes no mail (null MX).`,
          'Use an address that can be answered.',
        );
      if (hosts.length > 0) return say('pass', `${domain} takes mail at ${hosts.slice(0, 3).join(', ')}.`);
      const own = await addressesOf(domain, lookUp);
      if (own.records.length > 0)
        return say(
          'advice',
          `${domain} has no MX; servers try its address instead.`,
          `Publish MX ${domain}.`,
        );
      if (own.fault) return say('unknown', `${domain} cannot be looked up: ${own.fault}.`, 'Run this again.');
      return say(
        'fail',
        `${domain} has neither MX nor address: nobody can answer, and receivers refuse such senders.`,
        `Publish MX ${domain}, or write from a domain that has one.`,
      );
    }),
  );
}

/** Has each address of the relay a name, and the name that address? (Gmail and Yahoo refuse others; RFC 1912 §2.1) */
export async function checkPtr(host: string, ips: readonly string[], lookUp: LookUp): Promise<Diagnosis[]> {
  const say = (verdict: Verdict, says: string, mend = ''): Diagnosis => ({
    check: 'ptr',
    verdict,
    says,
    mend,
    source: 'RFC 1912 §2.1',
  });
  const known = knownRelay(host);
  if (known) return [say('pass', `${known.name} keeps the names of its own addresses.`)];
  const open = ips.filter((ip) => !isPrivate(ip));
  if (open.length === 0)
    return [
      say(
        'unknown',
        `${host} has no public address: what it sends from is not known.`,
        'Check the PTR of its public address.',
      ),
    ];
  return Promise.all(
    open.slice(0, 8).map(async (ip) => {
      const { records, fault } = await lookUp(reverseName(ip), 'PTR');
      if (fault) return say('unknown', `The name of ${ip} cannot be read: ${fault}.`, 'Run this again.');
      if (records.length === 0)
        return say(
          'fail',
          `${ip} (${host}) has no name.`,
          'Ask whoever gave you the address to set its PTR.',
        );
      for (const name of records.slice(0, 4)) {
        const back = await addressesOf(name.replace(/\.$/, ''), lookUp);
        if (back.records.some((one) => reverseName(one) === reverseName(ip)))
          return say('pass', `${ip} is ${name}, and back.`);
        if (back.fault)
          return say('unknown', `${name} cannot be looked up: ${back.fault}.`, 'Run this again.');
      }
      return say(
        'fail',
        `${ip} is named ${records[0]}, but that name is not ${ip}.`,
        `Publish an address record of ${records[0]}.`,
      );
    }),
  );
}

/** RFC 1035 §3.5 and RFC 3596 §2.5. */
export function reverseName(ip: string): string {
  if (!ip.includes(':')) return `${ip.split('.').reverse().join('.')}.in-addr.arpa`;
  // Through a URL an address takes its one shortest form.
  const short = new URL(`http://[${ip.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [front = '', back] = short.split('::');
  const groups = (text = '') => (text === '' ? [] : text.split(':'));
  const zeros = back === undefined ? 0 : 8 - groups(front).length - groups(back).length;
  const all = [...groups(front), ...Array.from({ length: zeros }, () => '0'), ...groups(back)];
  const nibbles = all.map((group) => group.padStart(4, '0')).join('');
  return `${[...nibbles].reverse().join('.')}.ip6.arpa`;
}

function isPrivate(ip: string): boolean {
  return /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i.test(ip);
}
