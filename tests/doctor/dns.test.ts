import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDkim, dkimRecords } from '../../src/doctor/check-dkim.ts';
import { checkDmarc } from '../../src/doctor/check-dmarc.ts';
import { checkMx, checkPtr, reverseName } from '../../src/doctor/check-mail-hosts.ts';
import { checkSpf } from '../../src/doctor/check-spf.ts';
import { dnsRecords, zoneLine } from '../../src/doctor/dns-records.ts';
import { good, resolverOf, type Zone } from './zone.ts';

const silent = new Error('DNS does not answer');

describe('SPF', () => {
  const own = { host: 'smtp.example.com', ips: ['192.0.2.5', '2001:db8::5'] };
  const ses = { host: 'email-smtp.eu-west-1.amazonaws.com', ips: ['198.51.100.9'] };
  const check = (zone: Zone, relay: typeof own | null = own) =>
    checkSpf('example.com', relay, resolverOf(zone).lookUp);
  const spf = (record: string, more: Zone = {}) => ({ 'TXT example.com': [record], ...more });

  test.each<[string, Zone, typeof own | null, string, RegExp, RegExp]>([
    ['covers the relay', good, own, 'pass', /covers smtp\.example\.com/, /^$/],
    [
      'is missing',
      { 'TXT example.com': ['a note'] },
      own,
      'fail',
      /no SPF record/,
      /v=spf1 ip4:192\.0\.2\.5 ip6:2001:db8::5 ~all/,
    ],
    [
      'is there twice',
      { 'TXT example.com': ['v=spf1 -all', 'v=spf1 mx -all'] },
      own,
      'fail',
      /2 SPF records/,
      /Join/,
    ],
    [
      'does not cover the relay',
      spf('v=spf1 ip4:203.0.113.1 -all'),
      own,
      'fail',
      /does not cover 192\.0\.2\.5, 2001:db8::5/,
      /Add ip4:192\.0\.2\.5/,
    ],
    [
      'covers one address of two',
      spf('v=spf1 ip4:192.0.2.5 -all'),
      own,
      'fail',
      /does not cover 2001:db8::5/,
      /Add ip6:2001:db8::5/,
    ],
    ['allows everybody', spf('v=spf1 +all'), own, 'fail', /allows everybody/, /~all/],
    ['allows everybody, without saying so', spf('v=spf1 mx all'), own, 'fail', /allows everybody/, /~all/],
    ['is not understood', spf('v=spf1 ip4:nonsense -all'), own, 'fail', /broken/, /Mend/],
    ['includes itself', spf('v=spf1 include:example.com -all'), own, 'fail', /broken/, /ten/],
    [
      'asks for too much',
      spf(
        `v=spf1 ${Array.from({ length: 12 }, (_, at) => `include:i${at}.example.net`).join(' ')} -all`,
        Object.fromEntries(
          Array.from({ length: 12 }, (_, at) => [`TXT i${at}.example.net`, ['v=spf1 ip4:203.0.113.1 -all']]),
        ),
      ),
      own,
      'fail',
      /broken/,
      /ten/,
    ],
    ['cannot be read', { 'TXT example.com': silent }, own, 'unknown', /DNS does not answer/, /again/],
    [
      'cannot be followed',
      spf('v=spf1 include:far.example.net -all', { 'TXT far.example.net': silent }),
      own,
      'unknown',
      /cannot be followed/,
      /again/,
    ],
    ['has no relay to cover', good, null, 'unknown', /no relay/, /SMTP_URL/],
    [
      'includes a large relay',
      spf('v=spf1 include:amazonses.com ~all', { 'TXT amazonses.com': ['v=spf1 ip4:198.51.100.0/25 -all'] }),
      ses,
      'pass',
      /includes Amazon SES/,
      /^$/,
    ],
    [
      'includes a large relay by a detour',
      spf('v=spf1 redirect=all.example.net', {
        'TXT all.example.net': ['v=spf1 include:amazonses.com ~all'],
        'TXT amazonses.com': ['v=spf1 ip4:203.0.113.1 ~all'],
      }),
      ses,
      'pass',
      /includes Amazon SES/,
      /^$/,
    ],
    [
      'does not include a large relay',
      spf('v=spf1 mx ~all', { 'MX example.com': ['10 mx.example.com'], 'A mx.example.com': ['192.0.2.10'] }),
      ses,
      'advice',
      /Amazon SES puts its own reverse-path in/,
      /MAIL FROM/,
    ],
    [
      'does not include a relay that keeps our reverse-path',
      spf('v=spf1 mx ~all', { 'MX example.com': ['10 mx.example.com'], 'A mx.example.com': ['192.0.2.10'] }),
      { host: 'smtp-relay.gmail.com', ips: ['192.0.2.77'] },
      'fail',
      /does not include Google/,
      /include:_spf\.google\.com/,
    ],
  ])('%s', async (_what, zone, relay, verdict, says, mend) => {
    const found = await check(zone, relay);
    expect(found, found.says).toMatchObject({
      verdict,
      says: expect.stringMatching(says),
      mend: expect.stringMatching(mend),
    });
  });

  test('whatever a record says, the asking ends and nothing is thrown', async () => {
    const term = fc.constantFrom(
      'include:example.com',
      'include:a.example.net',
      'redirect=b.example.net',
      'a',
      'mx',
      'ptr',
      '~all',
      'exists:%{i}.example.net',
      'ip4:192.0.2.5',
      'ip4:999.1.1.1',
      'include:',
      'include:%{d}',
      'x=\u0000',
    );
    const record = fc.array(term, { maxLength: 15 }).map((terms) => [`v=spf1 ${terms.join(' ')}`]);
    await fc.assert(
      fc.asyncProperty(record, record, record, async (one, two, three) => {
        const zone = { 'TXT example.com': one, 'TXT a.example.net': two, 'TXT b.example.net': three };
        const { lookUp, asked } = resolverOf(zone);
        for (const relay of [own, ses])
          expect(['pass', 'fail', 'advice', 'unknown']).toContain(
            (await checkSpf('example.com', relay, lookUp)).verdict,
          );
        expect(asked.length).toBeLessThan(200);
      }),
      { numRuns: 200 },
    );
  });
});

describe('DKIM', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const edwards = generateKeyPairSync('ed25519').privateKey;
  const dkim = { domain: 'example.com', selector: 's1' };
  const NAME = 'TXT s1._domainkey.example.com';
  const [ours] = dkimRecords(dkim, [rsa]);

  test.each<[string, readonly string[] | Error, string, RegExp]>([
    ['is published', [ours!.record], 'pass', /holds our key/],
    [
      'is published with spaces and without v=',
      [`k=rsa ; p=${ours!.record.split('p=')[1]!.replace(/(.{60})/g, '$1 ')}`],
      'pass',
      /holds/,
    ],
    ['is missing', [], 'fail', /no DKIM key/],
    ['is another', [dkimRecords(dkim, [other])[0]!.record], 'fail', /not the public half/],
    ['is revoked', ['v=DKIM1; p='], 'fail', /revoked/],
    ['is of another kind', [dkimRecords(dkim, [edwards])[0]!.record], 'fail', /k=ed25519, ours is rsa/],
    ['is there twice', [ours!.record, ours!.record], 'fail', /2 TXT records/],
    ['is something else', ['hello'], 'fail', /holds no DKIM key/],
    ['is on trial', [`${ours!.record}; t=y`], 'advice', /t=y/],
    ['cannot be read', silent, 'unknown', /does not answer/],
  ])('the key %s', async (_what, records, verdict, says) => {
    const [found] = await checkDkim(dkim, [rsa], resolverOf({ [NAME]: records }).lookUp);
    expect(found).toMatchObject({ verdict, says: expect.stringMatching(says) });
    if (verdict === 'fail') expect(found!.mend).toMatch(/Publish|Leave one/);
  });

  test('of two keys the Ed25519 one has a name of its own', async () => {
    const records = dkimRecords(dkim, [rsa, edwards]);
    expect(records.map(({ name }) => name)).toEqual([
      's1._domainkey.example.com',
      's1-ed25519._domainkey.example.com',
    ]);
    const zone = Object.fromEntries(records.map(({ name, record }) => [`TXT ${name}`, [record]]));
    expect(
      (await checkDkim(dkim, [rsa, edwards], resolverOf(zone).lookUp)).map(({ verdict }) => verdict),
    ).toEqual(['pass', 'pass']);
  });

  test('a key of 1,024 bits is advised against', async () => {
    const zone = { [NAME]: [dkimRecords(dkim, [other])[0]!.record] };
    expect(await checkDkim(dkim, [other], resolverOf(zone).lookUp)).toMatchObject([{ verdict: 'advice' }]);
  });

  test.each([
    [null, [], 'unknown'],
    [null, [rsa], 'fail'],
    [dkim, [], 'fail'],
  ] as const)('half a configuration', async (config, keys, verdict) => {
    expect(await checkDkim(config, keys, resolverOf({}).lookUp)).toMatchObject([{ verdict }]);
  });
});

describe('DMARC', () => {
  const check = (
    zone: Zone,
    from = 'example.com',
    envelope: string | null = from,
    dkim: string | null = from,
  ) => checkDmarc(from, envelope, dkim, resolverOf(zone).lookUp);
  const policy = (record: string): Zone => ({ 'TXT _dmarc.example.com': [record] });

  test.each<[string, Zone, string, RegExp]>([
    ['is there', good, 'pass', /p=quarantine/],
    ['is missing', {}, 'fail', /no DMARC record/],
    [
      'is there twice',
      { 'TXT _dmarc.example.com': ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] },
      'fail',
      /2 DMARC/,
    ],
    ['has no policy', policy('v=DMARC1; rua=mailto:a@example.com'), 'fail', /no valid p=/],
    ['asks for nothing', policy('v=DMARC1; p=none'), 'advice', /nobody gets its reports/],
    ['is something else', policy('hello'), 'fail', /no DMARC record/],
    ['cannot be read', { 'TXT _dmarc.example.com': silent }, 'unknown', /does not answer/],
  ])('%s', async (_what, zone, verdict, says) => {
    expect((await check(zone))[0]).toMatchObject({
      check: 'dmarc',
      verdict,
      says: expect.stringMatching(says),
    });
  });

  test('is looked for above the domain', async () => {
    expect((await check(good, 'news.example.com'))[0]).toMatchObject({
      verdict: 'pass',
      says: 'DMARC of example.com: p=quarantine.',
    });
  });

  test.each<[string, string, string | null, string | null, string, string]>([
    ['the same domain', 'example.com', 'example.com', 'example.com', '', 'pass'],
    ['a domain below', 'example.com', 'bounce.example.com', null, '', 'pass'],
    ['a sister', 'news.example.com', 'bounce.example.com', null, '', 'pass'],
    ['DKIM alone', 'example.com', 'relay.example.net', 'example.com', '', 'pass'],
    ['neither', 'example.com', 'relay.example.net', 'relay.example.net', '', 'fail'],
    ['a name that only ends alike', 'example.com', 'badexample.com', 'badexample.com', '', 'fail'],
    [
      'strict, and below',
      'example.com',
      'bounce.example.com',
      'mail.example.com',
      '; aspf=s; adkim=s',
      'fail',
    ],
    ['left to the relay', 'example.com', 'relay.example.net', null, '', 'unknown'],
    ['a reverse-path of the relay, and DKIM', 'example.com', null, 'example.com', '', 'pass'],
    ['a reverse-path of the relay, and no DKIM of ours', 'example.com', null, null, '', 'unknown'],
  ])('alignment: %s', async (_what, from, envelope, dkim, modes, verdict) => {
    const zone = policy(`v=DMARC1; p=none; rua=mailto:a@example.com${modes}`);
    expect((await check(zone, from, envelope, dkim))[1]).toMatchObject({ check: 'alignment', verdict });
  });
});

describe('hosts', () => {
  test.each<[string, Zone, string]>([
    ['takes mail', good, 'pass'],
    ['takes none (null MX)', { 'MX example.com': ['0 '] }, 'fail'],
    ['has only an address', { 'A example.com': ['192.0.2.1'] }, 'advice'],
    ['has nothing', {}, 'fail'],
    ['cannot be read', { 'MX example.com': silent }, 'unknown'],
    ['has perhaps an address', { 'A example.com': silent }, 'unknown'],
  ])('a domain that %s', async (_what, zone, verdict) => {
    expect(await checkMx(['example.com', 'example.com'], resolverOf(zone).lookUp)).toMatchObject([
      { verdict },
    ]);
  });

  const IP = '192.0.2.5';
  const PTR = 'PTR 5.2.0.192.in-addr.arpa';
  test.each<[string, Zone, string, RegExp]>([
    ['has a name, and that name the address', good, 'pass', /and back/],
    ['has no name', {}, 'fail', /has no name/],
    [
      'has a name that is elsewhere',
      { [PTR]: ['other.example.com'], 'A other.example.com': ['192.0.2.9'] },
      'fail',
      /is not 192\.0\.2\.5/,
    ],
    ['has a name that leads nowhere', { [PTR]: ['other.example.com'] }, 'fail', /is not/],
    ['cannot be asked', { [PTR]: silent }, 'unknown', /does not answer/],
  ])('an address that %s', async (_what, zone, verdict, says) => {
    expect(await checkPtr('smtp.example.com', [IP], resolverOf(zone).lookUp)).toMatchObject([
      { verdict, says: expect.stringMatching(says) },
    ]);
  });

  test('an IPv6 address has a name as well', async () => {
    expect(await checkPtr('smtp.example.com', ['2001:db8::5'], resolverOf(good).lookUp)).toMatchObject([
      { verdict: 'pass' },
    ]);
    expect(reverseName('2001:DB8:0:0:1::2')).toBe(reverseName('2001:db8::1:0:0:2'));
    expect(reverseName('::1')).toBe(`1.${'0.'.repeat(31)}ip6.arpa`);
  });

  test('a private address says nothing, a large relay looks after itself', async () => {
    expect(await checkPtr('localhost', ['127.0.0.1'], resolverOf({}).lookUp)).toMatchObject([
      { verdict: 'unknown' },
    ]);
    expect(await checkPtr('smtp.sendgrid.net', [IP], resolverOf({}).lookUp)).toMatchObject([
      { verdict: 'pass' },
    ]);
  });
});

test('what --records says to publish passes the checks', async () => {
  const keys = [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey];
  const dkim = { domain: 'example.com', selector: 's1' };
  const relay = { host: 'smtp.example.com', ips: ['192.0.2.5', '2001:db8::5'] };
  const records = dnsRecords({
    from: 'example.com',
    envelope: 'bounce.example.com',
    relays: [relay],
    dkim,
    keys,
    published: { spf: null, dmarc: null },
  });
  const { lookUp } = resolverOf(
    Object.fromEntries(records.map(({ name, type, value }) => [`${type} ${name}`, [value]])),
  );
  const found = [
    await checkSpf('bounce.example.com', relay, lookUp),
    ...(await checkDkim(dkim, keys, lookUp)),
    ...(await checkDmarc('example.com', 'bounce.example.com', 'example.com', lookUp)),
  ];
  expect(found.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
    'spf pass',
    'dkim pass',
    'dmarc pass',
    'alignment pass',
  ]);
  for (const record of records)
    for (const [, text] of zoneLine(record).matchAll(/"((?:[^"\\]|\\.)*)"/g))
      expect(text!.length).toBeLessThanOrEqual(255);
});

describe('--records goes on from what is published', () => {
  const of = (spf: string | null, relays: { host: string; ips: string[] }[], dmarc: string | null = null) =>
    dnsRecords({
      from: 'example.com',
      envelope: 'example.com',
      relays,
      dkim: null,
      keys: [],
      published: { spf, dmarc },
    }).map(({ value }) => value);
  const own = { host: 'smtp.example.com', ips: ['192.0.2.5'] };
  const postmark = { host: 'smtp.postmarkapp.com', ips: ['203.0.113.1'] };

  test.each([
    [null, [own], 'v=spf1 ip4:192.0.2.5 ~all'],
    [null, [], 'v=spf1 mx ~all'],
    [
      'v=spf1 include:_spf.google.com -all',
      [postmark],
      'v=spf1 include:_spf.google.com include:spf.mtasv.net -all',
    ],
    ['v=spf1 include:spf.mtasv.net ~all', [postmark], 'v=spf1 include:spf.mtasv.net ~all'],
    ['v=spf1 mx redirect=_spf.example.net', [own], 'v=spf1 mx ip4:192.0.2.5 redirect=_spf.example.net'],
    ['v=spf1 mx', [own, postmark], 'v=spf1 mx ip4:192.0.2.5 include:spf.mtasv.net'],
  ])('%s with %j', (spf, relays, wanted) => expect(of(spf, relays)[0]).toBe(wanted));

  test('a DMARC policy stays as it is', () => {
    expect(of(null, [], 'v=DMARC1; p=reject')[1]).toBe('v=DMARC1; p=reject');
  });
});
