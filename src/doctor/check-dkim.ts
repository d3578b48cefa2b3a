import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Diagnosis, shown, type Verdict } from './diagnosis.ts';
import { type LookUp, readTags } from './look-up.ts';

/** A key and the name under which its public half stands in DNS. */
export interface PublishedKey {
  readonly name: string;
  /** The record's text. */
  readonly record: string;
  readonly key: KeyObject;
}

/** The records of our keys (RFC 6376 §3.6.1; RFC 8463 §4 for Ed25519, whose key stands there bare). */
export function dkimRecords(
  { domain, selector }: { readonly domain: string; readonly selector: string },
  keys: readonly KeyObject[],
): PublishedKey[] {
  return keys.map((key) => {
    const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
    const ed25519 = key.asymmetricKeyType === 'ed25519';
    const data = (ed25519 ? der.subarray(-32) : der).toString('base64');
    // As signDkim names them: of two keys the Ed25519 one has a selector of its own.
    const label = ed25519 && keys.length > 1 ? `${selector}-ed25519` : selector;
    return {
      key,
      name: `${label}._domainkey.${domain}`,
      record: `v=DKIM1; k=${ed25519 ? 'ed25519' : 'rsa'}; p=${data}`,
    };
  });
}

/** Is the public half of each of our keys published? Without a key the relay signs, which only a message can show. */
export async function checkDkim(
  dkim: { readonly domain: string; readonly selector: string } | null,
  keys: readonly KeyObject[],
  lookUp: LookUp,
): Promise<Diagnosis[]> {
  if (dkim === null && keys.length === 0)
    return [
      say(
        'unknown',
        'No DKIM key is configured: your relay must sign, with your domain.',
        'Look for "dkim=pass" with your domain in the headers of a test, or make a key: npm run keys -- new',
      ),
    ];
  if (dkim === null)
    return [
      say(
        'fail',
        'DKIM_PRIVATE_KEY is set but "dkim" is not.',
        'Set dkim: { domain, selector } in newsletter.config.ts.',
      ),
    ];
  if (keys.length === 0)
    return [
      say('fail', '"dkim" is set but DKIM_PRIVATE_KEY is not: nothing is signed.', 'Put the key into .env.'),
    ];
  return Promise.all(dkimRecords(dkim, keys).map((ours) => checkKey(ours, lookUp)));
}

async function checkKey({ name, record, key }: PublishedKey, lookUp: LookUp): Promise<Diagnosis> {
  const publish = `Publish TXT ${name}: ${record}`;
  const { records, fault } = await lookUp(name, 'TXT');
  if (fault) return say('unknown', `${name} cannot be read: ${fault}.`, 'Run this again.');
  if (records.length === 0) return say('fail', `There is no DKIM key at ${name}.`, publish);
  if (records.length > 1)
    return say('fail', `${name} has ${records.length} TXT records; receivers take any one.`, 'Leave one.');
  const tags = readTags(records[0]!);
  const published = (tags.get('p') ?? '').replace(/\s/g, '');
  if ((tags.get('v') ?? 'DKIM1') !== 'DKIM1' || !tags.has('p'))
    return say('fail', `${name} holds no DKIM key: ${shown(records[0]!)}`, publish);
  if (published === '') return say('fail', `The key at ${name} is revoked (its p= is empty).`, publish);
  const kind = key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'rsa';
  if ((tags.get('k') ?? 'rsa') !== kind)
    return say('fail', `${name} says k=${shown(tags.get('k') ?? 'rsa')}, ours is ${kind}.`, publish);
  if (published !== readTags(record).get('p'))
    return say('fail', `The key at ${name} is not the public half of ours: every signature fails.`, publish);
  if (/(?:^|:)\s*y\s*(?::|$)/.test(tags.get('t') ?? ''))
    return say('advice', `${name} says t=y, a trial: receivers may ignore it.`, 'Take t=y out.');
  if ((key.asymmetricKeyDetails?.modulusLength ?? 2048) < 2048)
    return say(
      'advice',
      'The DKIM key has fewer than 2,048 bits (RFC 8301).',
      'Make one: npm run keys -- new',
    );
  return say('pass', `${name} holds our key.`);
}

function say(verdict: Verdict, says: string, mend = ''): Diagnosis {
  return { check: 'dkim', verdict, says, mend, source: 'RFC 6376, 8301, 8463' };
}
