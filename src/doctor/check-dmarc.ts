import { type CheckName, type Diagnosis, shown, type Verdict } from './diagnosis.ts';
import { type LookUp, readTags } from './look-up.ts';

/**
 * Is there a DMARC policy (RFC 7489) for the From domain, and does the domain of DKIM or of the reverse-path agree with
 * it? `envelope`: null, where the relay puts its own reverse-path in. The policy is looked for at the domain and then at each above it, which needs no list of public suffixes.
 */
export async function checkDmarc(
  from: string,
  envelope: string | null,
  dkimDomain: string | null,
  lookUp: LookUp,
): Promise<Diagnosis[]> {
  const found = await findPolicy(from, lookUp);
  if ('fault' in found)
    return [
      say(
        'dmarc',
        'unknown',
        `The DMARC record of ${from} cannot be read: ${found.fault}.`,
        'Run this again.',
      ),
    ];
  const publish = `Publish TXT _dmarc.${found.at ?? from}: v=DMARC1; p=none; rua=mailto:postmaster@${found.at ?? from}`;
  const policy = found.records.length === 1 ? readTags(found.records[0]!) : null;
  const wish = (policy?.get('p') ?? '').toLowerCase();
  const diagnoses: Diagnosis[] = [];
  if (found.records.length === 0)
    diagnoses.push(say('dmarc', 'fail', `${from} has no DMARC record.`, publish));
  else if (!policy)
    diagnoses.push(
      say(
        'dmarc',
        'fail',
        `_dmarc.${found.at} has ${found.records.length} DMARC records, so none counts.`,
        'Leave one.',
      ),
    );
  else if (!['none', 'quarantine', 'reject'].includes(wish))
    diagnoses.push(
      say(
        'dmarc',
        'fail',
        `The DMARC record of ${found.at} has no valid p=: ${shown(found.records[0]!)}`,
        publish,
      ),
    );
  else if (wish === 'none' && !policy.has('rua'))
    diagnoses.push(
      say(
        'dmarc',
        'advice',
        `DMARC of ${found.at} asks for nothing and nobody gets its reports.`,
        `Add rua=mailto:… to _dmarc.${found.at}`,
      ),
    );
  else diagnoses.push(say('dmarc', 'pass', `DMARC of ${found.at}: p=${wish}.`));

  const org = found.at ?? from;
  const agrees = (domain: string, mode = 'r') =>
    domain === from || (mode !== 's' && related(domain, from, org));
  const byDkim = dkimDomain !== null && agrees(dkimDomain, policy?.get('adkim')?.toLowerCase());
  const bySpf = envelope !== null && agrees(envelope, policy?.get('aspf')?.toLowerCase());
  const ways = [byDkim && `DKIM (${dkimDomain})`, bySpf && `SPF (${envelope})`].filter(Boolean).join(' and ');
  diagnoses.push(
    ways
      ? say('alignment', 'pass', `From (${from}) agrees with ${ways}.`)
      : say(
          'alignment',
          dkimDomain === null ? 'unknown' : 'fail',
          `From is at ${from}, the reverse-path ${envelope === null ? 'is that of the relay' : `at ${envelope}`}, DKIM ${dkimDomain === null ? 'is left to the relay' : `at ${dkimDomain}`}.`,
          `Sign with d=${from}, or take a bounceAddress at ${from}.`,
        ),
  );
  return diagnoses;
}

/** At most eight steps up, as newer DMARC has it; a top-level domain is not asked. */
async function findPolicy(
  domain: string,
  lookUp: LookUp,
): Promise<{ at: string | null; records: string[] } | { fault: string }> {
  const labels = domain.split('.');
  for (let skip = 0; labels.length - skip >= 2 && skip < 8; skip += 1) {
    const at = labels.slice(skip).join('.');
    const { records, fault } = await lookUp(`_dmarc.${at}`, 'TXT');
    if (fault) return { fault };
    const policies = records.filter((record) => /^v\s*=\s*DMARC1\s*(?:;|$)/.test(record));
    if (policies.length > 0) return { at, records: policies };
  }
  return { at: null, records: [] };
}

/** Relaxed: one contains the other, or both stand under the domain whose policy it is. */
function related(domain: string, from: string, org: string): boolean {
  const under = (inner: string, outer: string) => inner === outer || inner.endsWith(`.${outer}`);
  return under(domain, from) || under(from, domain) || (under(domain, org) && under(from, org));
}

function say(check: CheckName, verdict: Verdict, says: string, mend = ''): Diagnosis {
  return { check, verdict, says, mend, source: 'RFC 7489' };
}
