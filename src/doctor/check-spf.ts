import { spf } from 'mailauth/lib/spf/index.js';
import { type Diagnosis, shown, type Verdict } from './diagnosis.ts';
import type { LookUp } from './look-up.ts';
import { knownRelay } from './relays.ts';

/** More than an honest record needs; RFC 7208 §4.6.4 allows ten. */
const MOST_INCLUDES = 20;

/**
 * Does the SPF record of the reverse-path's domain (RFC 7208) cover the relay? `ips` are the addresses of the relay; of
 * a large one its include must be there, for it sends from others.
 */
export async function checkSpf(
  domain: string,
  relay: { readonly host: string; readonly ips: readonly string[] } | null,
  lookUp: LookUp,
): Promise<Diagnosis> {
  const say = (verdict: Verdict, says: string, mend = ''): Diagnosis => ({
    check: 'spf',
    verdict,
    says,
    mend,
    source: 'RFC 7208',
  });
  const known = relay && knownRelay(relay.host);
  const term = known ? `include:${known.include}` : (relay?.ips.map(ipTerm).join(' ') ?? '');
  const { records, fault } = await lookUp(domain, 'TXT');
  if (fault)
    return say('unknown', `The TXT records of ${domain} cannot be read: ${fault}.`, 'Run this again.');
  const policies = records.filter(isSpf);
  const theirs = known?.ownPath
    ? say(
        'advice',
        `${known.name} puts its own reverse-path in, so SPF of ${domain} does not count there.`,
        `Set up a return-path (MAIL FROM) at a subdomain of yours at ${known.name}: SPF then agrees with From, as DKIM does.`,
      )
    : null;
  if (policies.length === 0 && theirs) return theirs;
  if (policies.length === 0)
    return say('fail', `${domain} has no SPF record.`, `Publish TXT ${domain}: v=spf1 ${term || 'mx'} ~all`);
  if (policies.length > 1)
    return say(
      'fail',
      `${domain} has ${policies.length} SPF records, so none counts (§3.2).`,
      'Join them into one.',
    );
  const [record] = policies as [string];
  if (/(?:^|\s)\+?all\b/i.test(record))
    return say('fail', `The SPF record of ${domain} allows everybody: ${shown(record)}`, 'End it with ~all.');
  if (!relay) return say('unknown', 'There is an SPF record, but no relay is configured.', 'Set SMTP_URL.');
  if (relay.ips.length === 0)
    return say('unknown', `The addresses of ${relay.host} are not known.`, 'Check the host in SMTP_URL.');

  const results = [];
  for (const ip of relay.ips.slice(0, 8)) results.push({ ip, ...(await evaluate(domain, ip, lookUp)) });
  const broken = results.find(({ result }) => result === 'permerror');
  if (broken)
    return say(
      'fail',
      `The SPF record of ${domain} is broken: ${shown(broken.comment)}.`,
      'Mend it; receivers follow at most ten includes, a, mx and redirects (§4.6.4).',
    );
  if (known) {
    const found = await includes(domain, known.include, lookUp);
    if (found) return say('pass', `SPF of ${domain} includes ${known.name}.`);
    if (theirs) return theirs;
    return say(
      'fail',
      `SPF of ${domain} does not include ${known.name}: ${shown(record)}`,
      `Add include:${known.include} before "all", or let the reverse-path be at a domain of theirs.`,
    );
  }
  const unsure = results.find(({ result }) => result === 'temperror');
  if (unsure)
    return say(
      'unknown',
      `SPF of ${domain} cannot be followed: ${shown(unsure.comment)}.`,
      'Run this again.',
    );
  const failing = results.filter(({ result }) => result !== 'pass').map(({ ip }) => ip);
  if (failing.length === 0) return say('pass', `SPF of ${domain} covers ${relay.host}.`);
  return say(
    'fail',
    `SPF of ${domain} does not cover ${failing.join(', ')} (${relay.host}): ${shown(record)}`,
    `Add ${failing.map(ipTerm).join(' ')} before "all", or the include that your provider names.`,
  );
}

async function evaluate(
  domain: string,
  ip: string,
  lookUp: LookUp,
): Promise<{ result: string; comment: string }> {
  const answer = await spf({
    sender: `postmaster@${domain}`,
    helo: domain,
    mta: domain,
    ip,
    resolver: resolverOf(lookUp) as never,
    maxElapsedTime: 20_000,
  });
  const { result, comment } = answer.status;
  return { result: String(result), comment: comment ?? '' };
}

/** Our answers in the shape of node:dns, which mailauth wants. */
function resolverOf(lookUp: LookUp) {
  return async (name: string, type: 'TXT' | 'MX' | 'A' | 'AAAA' | 'PTR'): Promise<unknown[]> => {
    const { records, fault } = await lookUp(name, type);
    if (fault) throw Object.assign(new Error(fault), { code: 'ETIMEOUT' });
    if (records.length === 0) throw Object.assign(new Error('no record'), { code: 'ENODATA' });
    if (type === 'TXT') return records.map((record) => [record]);
    if (type !== 'MX') return [...records];
    return records.map((record) => {
      const [priority, exchange] = record.split(' ');
      return { priority: Number(priority), exchange };
    });
  };
}

/** Is `wanted` included, however deep? Loops end because no name is looked up twice. */
async function includes(domain: string, wanted: string, lookUp: LookUp): Promise<boolean> {
  const seen = new Set([domain]);
  for (const name of seen) {
    if (name === wanted) return true;
    if (seen.size > MOST_INCLUDES) return seen.has(wanted);
    const record = (await lookUp(name, 'TXT')).records.find(isSpf) ?? '';
    for (const [, next] of record.matchAll(/(?:^|\s)(?:\+?include:|redirect=)([^\s%]{1,253})/gi))
      seen.add(next!.toLowerCase());
  }
  return false;
}

function isSpf(record: string): boolean {
  return /^v=spf1(?:\s|$)/i.test(record);
}

function ipTerm(ip: string): string {
  return ip.includes(':') ? `ip6:${ip}` : `ip4:${ip}`;
}
