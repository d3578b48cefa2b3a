import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { formatFinding } from '../../src/finding.ts';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';

/** The configuration of a file's text and an environment; throws when there are faults. */
async function load(files: Record<string, string | null> = {}, environment: Record<string, string> = {}) {
  const loaded = await loadConfig(temporaryProject(files).root, environment);
  if ('findings' in loaded) throw new Error(loaded.findings.map(formatFinding).join('\n'));
  return loaded.config;
}

async function faults(files: Record<string, string | null>, environment: Record<string, string> = {}) {
  const loaded = await loadConfig(temporaryProject(files).root, environment);
  return 'findings' in loaded ? loaded.findings.map(formatFinding) : [];
}

test('name and from are enough', async () => {
  const config = await load({
    'newsletter.config.ts': "export default { name: 'N', from: 'n@example.com' };",
  });
  expect(config.newsletter).toMatchObject({
    name: 'N',
    from: { name: '', address: 'n@example.com' },
    postalAddress: null,
    publicUrl: null,
    list: 'weekly',
    template: 'newsletter',
    lang: 'en',
    assetsDir: 'assets',
    limits: { perSecond: null, connections: 5 },
  });
  expect(config).toMatchObject({
    smtpUrls: [],
    linkSecret: null,
    linkSecrets: [],
    dkimKey: null,
    ci: false,
    githubActions: false,
  });
});

test('it may be typed, and use what TypeScript has', async () => {
  const source =
    "interface N { name: string; from: string }\nconst a = { name: 'N', from: 'n@example.com' } satisfies N;\nexport default a as N;";
  expect((await load({ 'newsletter.config.ts': source })).newsletter.name).toBe('N');
});

test('nothing of it can be changed', async () => {
  const config = await load();
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.newsletter.brand)).toBe(true);
  expect(() => {
    (config.newsletter.limits as { connections: number }).connections = 1000;
  }).toThrow(TypeError);
});

test.each(['static/files', 'img'])('pictures may lie in %j', async (folder) => {
  const source = `export default { name: 'N', from: 'n@example.com', assetsDir: '${folder}' };`;
  expect((await load({ 'newsletter.config.ts': source })).newsletter.assetsDir).toBe(folder);
});

test.each(['', '/etc', '../files', 'a/../../b', '.git', 'a//b'])('but not in %j', async (folder) => {
  const source = `export default { name: 'N', from: 'n@example.com', assetsDir: '${folder}' };`;
  expect(await faults({ 'newsletter.config.ts': source })).toEqual([
    expect.stringContaining('assetsDir: must be a folder of the project'),
  ]);
});

test('lists have an id of their own, or one made of their name', async () => {
  const source = `export default {
    name: 'N', from: 'n@letters.example.com',
    lists: { weekly: { title: 'Weekly' }, staff: { title: 'Staff', id: 'staff.example.com' } },
  };`;
  const { lists } = (await load({ 'newsletter.config.ts': source })).newsletter;
  expect(lists).toEqual({
    weekly: { title: 'Weekly', id: 'weekly.letters.example.com', why: null, open: false },
    staff: { title: 'Staff', id: 'staff.example.com', why: null, open: false },
  });
});

test('what readers may fill in is named as a field, and is nothing that the form needs', async () => {
  const source = (name: string) =>
    `export default { name: 'N', from: 'n@example.com', profile: { '${name}': 'City' } };`;
  const { newsletter } = await load({ 'newsletter.config.ts': source('city') });
  expect(newsletter.profile).toEqual({ city: 'City' });
  for (const name of ['email', 'list', 'website', 'City', 'a b', '__proto__x'])
    expect(await faults({ 'newsletter.config.ts': source(name) }), name).toEqual([
      expect.stringContaining('must be the name of a field'),
    ]);
});

describe('faults', () => {
  test('are listed all at once, each at its line', async () => {
    const source = `export default {
  name: '',
  from: 'nobody',
  siteUrl: 'http://news.example.com',
  publicUrl: 'https://mail.example.com/?x=1',
  postalAdress: '1 Press Lane',
  lang: 'english',
  brand: {
    accent: 'red',
    fontBody: 'Georgia; color: red',
  },
  limits: { perSecond: 0, connections: 1.5 },
  dkim: { domain: 'example', selector: 's' },
  lists: {
    weekly: { titel: 'Weekly' },
  },
};
`;
    const found = await faults(
      { 'newsletter.config.ts': source },
      { LINK_SECRET: 'short', SMTP_URL: 'mail' },
    );
    const said = [
      [/^newsletter\.config\.ts:2:3 error name: must not be empty/],
      [/^newsletter\.config\.ts:3:3 error from: "nobody" has no @/],
      [/^newsletter\.config\.ts:4:3 error siteUrl: must be an https:\/\/ address/],
      [/^newsletter\.config\.ts:5:3 error publicUrl: must be an https:\/\/ address without \? or #/],
      [/^newsletter\.config\.ts:6:3 error .*"postalAdress"/],
      [/^newsletter\.config\.ts:7:3 error lang: must be a language tag/],
      [/^newsletter\.config\.ts:9:5 error brand\.accent: must be a colour like #b3261e/],
      [/^newsletter\.config\.ts:10:5 error brand\.fontBody: must be a plain list of fonts/],
      [/^newsletter\.config\.ts:12:13 error limits\.perSecond: /],
      [/^newsletter\.config\.ts:12:27 error limits\.connections: /],
      [/^newsletter\.config\.ts:13:11 error dkim\.domain: must be a domain name/],
      [/^newsletter\.config\.ts:15:15 error lists\.weekly: .*"titel"/],
      [/^environment:1:1 error LINK_SECRET is shorter than 16 characters/],
      [/^environment:1:1 error SMTP_URL cannot be used: /],
    ] as const;
    for (const [pattern] of said)
      expect(
        found.filter((line) => pattern.test(line)),
        String(pattern),
      ).toHaveLength(1);
    // And one more: the list whose title is misspelt has none.
    expect(found).toHaveLength(said.length + 1);
  });

  test.each([
    ['no file', null, 'There is no newsletter.config.ts in '],
    ['nothing exported', 'export const a = 1;', 'The default export: '],
    ['text exported', "export default 'x';", 'The default export: '],
    [
      'a syntax error',
      'const a = 1;\nexport default {{};',
      'newsletter.config.ts:2:1 error It does not run: ',
    ],
    [
      'an exception',
      "\n\nthrow new Error('no');\nexport default {};",
      'newsletter.config.ts:3:7 error It does not run: no.',
    ],
    ['something thrown that is no Error', "throw 'no';\nexport default {};", 'It does not run: '],
    ['an import that is not there', "import a from './nowhere.ts';\nexport default a;", 'It does not run: '],
  ])('%s', async (_what, source, says) => {
    const found = await faults({ 'newsletter.config.ts': source });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
  });

  test('no text under a key throws: it is a fault or it is taken', async () => {
    const keys = ['name', 'from', 'siteUrl', 'publicUrl', 'unsubscribeMailto', 'lang', 'postalAddress'];
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.emailAddress(),
      fc.constant(null),
      fc.integer(),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), value, async (key, given) => {
        const newsletter = { name: 'N', from: 'n@example.com', [key]: given };
        const project = temporaryProject({
          'newsletter.config.ts': `export default ${JSON.stringify(newsletter)};`,
        });
        const loaded = await loadConfig(project.root, {});
        if ('findings' in loaded) expect(loaded.findings.length).toBeGreaterThan(0);
        else
          for (const text of [loaded.config.newsletter.name, loaded.config.newsletter.from.name])
            expect(text).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the environment', () => {
  const SECRET = 'a secret of some length';
  const dotEnv = {
    '.env': `# mail\nSMTP_URL="smtp://a:b@one.example.com"\nexport LINK_SECRET='${SECRET}'\n`,
  };

  test('.env is read', async () => {
    expect(await load(dotEnv)).toMatchObject({
      smtpUrls: ['smtp://a:b@one.example.com'],
      linkSecret: SECRET,
    });
  });

  test('.env never overrides what is set, not even with nothing', async () => {
    expect(await load(dotEnv, { SMTP_URL: 'smtp://two.example.com' })).toMatchObject({
      smtpUrls: ['smtp://two.example.com'],
      linkSecret: SECRET,
    });
    expect(await load(dotEnv, { SMTP_URL: '', LINK_SECRET: '' })).toMatchObject({
      smtpUrls: [],
      linkSecret: null,
      linkSecrets: [],
    });
  });

  test('more than one secret of links, the newest first', async () => {
    const LINK_SECRET = 'a new secret of ours, the old secret of ours';
    expect(await load({}, { LINK_SECRET })).toMatchObject({
      linkSecret: 'a new secret of ours',
      linkSecrets: ['a new secret of ours', 'the old secret of ours'],
    });
  });

  test('more than one server, for failover', async () => {
    const { smtpUrls } = await load({}, { SMTP_URL: 'smtp://one.example.com\n smtps://two.example.com' });
    expect(smtpUrls).toEqual(['smtp://one.example.com', 'smtps://two.example.com']);
  });

  test('faults are blamed on where the variable is set', async () => {
    const file = {
      '.env': '\n# mail\nSMTP_URL=http://mail.example.com\n\nLINK_SECRET=short\nDKIM_PRIVATE_KEY=none\n',
    };
    expect(await faults(file)).toEqual([
      expect.stringContaining('.env:3:1 error SMTP_URL cannot be used: '),
      expect.stringContaining('.env:6:1 error DKIM_PRIVATE_KEY cannot be used: '),
      expect.stringContaining('.env:5:1 error LINK_SECRET is shorter'),
    ]);
    expect(await faults(file, { SMTP_URL: 'ftp://x', LINK_SECRET: SECRET, DKIM_PRIVATE_KEY: '' })).toEqual([
      expect.stringContaining('environment:1:1 error SMTP_URL cannot be used: '),
    ]);
  });

  test('a DKIM key is taken with its line breaks or with \\n for them, and a broken one is refused', async () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const given of [pem, pem.replaceAll('\n', '\\n')])
      expect((await load({}, { DKIM_PRIVATE_KEY: given })).dkimKey?.trim()).toBe(pem.trim());
    const broken = pem.replace(/.{8}\n-----END/, '\n-----END');
    expect(await faults({}, { DKIM_PRIVATE_KEY: broken })).toHaveLength(1);
  });

  test('a DKIM key may lie in a file, and what is wrong with that is told without a word of it', async () => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const files = { 'keys/dkim.pem': pem, 'keys/note.txt': 'hunter22' };
    const path = (name: string) => ({ DKIM_PRIVATE_KEY_FILE: name });
    expect((await load(files, path('keys/dkim.pem'))).dkimKey).toBe(pem);
    for (const [env, says] of [
      [path('keys/none.pem'), 'DKIM_PRIVATE_KEY_FILE names a file that cannot be read (ENOENT).'],
      [path('keys'), 'DKIM_PRIVATE_KEY_FILE names something that is no file with a key.'],
      [path('/dev/zero'), 'DKIM_PRIVATE_KEY_FILE names something that is no file with a key.'],
      [path('keys/note.txt'), 'DKIM_PRIVATE_KEY_FILE cannot be used: it holds no "-----BEGIN'],
      [
        { ...path('keys/dkim.pem'), DKIM_PRIVATE_KEY: pem },
        'DKIM_PRIVATE_KEY_FILE is set, and so is DKIM_PRIVATE_KEY.',
      ],
    ] as const) {
      const found = await faults(files, env);
      expect(found).toEqual([expect.stringContaining(says)]);
      expect(found.join()).not.toMatch(/hunter22|MC4CAQ/);
    }
  });

  test('CI is told apart from a machine with a person', async () => {
    expect((await load({}, { CI: 'true', GITHUB_ACTIONS: 'true' })).githubActions).toBe(true);
    expect((await load({}, { CI: 'false' })).ci).toBe(false);
  });

  test('secrets are never printed', async () => {
    const environment = {
      SMTP_URL: 'smtp://me:hunter22@mail.example.com?debug=1 smtps://me:hunter22%@mail.example.com hunter22',
      LINK_SECRET: 'hunter22',
      DKIM_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\nhunter22\n-----END PRIVATE KEY-----',
    };
    const found = await faults({}, environment);
    expect(found).toHaveLength(5);
    expect(found.join('\n')).not.toContain('hunter22');
    const { stdout, stderr, code } = await runCommand(temporaryProject().root, 'check', environment);
    expect(code).toBe(78);
    expect(stdout + stderr).not.toContain('hunter22');
  });
});

test('proxies are addresses and networks; what is neither is named', async () => {
  const proxies = '10.0.0.7, 172.16.0.0/12 fd00::/8';
  expect(await load({}, { TRUSTED_PROXIES: proxies })).toMatchObject({
    trustedProxies: ['10.0.0.7', '172.16.0.0/12', 'fd00::/8'],
  });
  for (const wrong of ['proxy.example.com', '10.0.0.0/33', '10.0.0.0/', 'fd00::/129', '1/2/3'])
    expect(await faults({}, { TRUSTED_PROXIES: wrong })).toEqual([
      expect.stringContaining('TRUSTED_PROXIES holds what is no address or network'),
    ]);
});

describe('limits', () => {
  const of = (rest: string) => `export default { name: 'N', from: 'n@example.com', ${rest} };`;

  test('of domains and of a warm-up, with defaults', async () => {
    const source = of(
      "limits: { perDay: 9, domains: { 'Gmail.com': { perSecond: 5 }, '*': { connections: 1 } }, warmUp: { days: [50, 100] } }",
    );
    expect((await load({ 'newsletter.config.ts': source })).newsletter.limits).toEqual({
      perSecond: null,
      perMinute: null,
      perHour: null,
      perDay: 9,
      connections: 5,
      warmUp: { from: null, days: [50, 100] },
      domains: {
        'gmail.com': { perSecond: 5, perMinute: null, perHour: null, perDay: null, connections: null },
        '*': { perSecond: null, perMinute: null, perHour: null, perDay: null, connections: 1 },
      },
    });
  });

  test('that are none are listed, each at its key', async () => {
    const source = of(
      "\nlimits: { warmUp: { from: '2030-02-30', days: [] }, domains: { gmail: { perSecond: 1 } } },\nrelays: { 'a.example.com': { weight: 0, perDai: 1 } }",
    );
    const found = await faults({ 'newsletter.config.ts': source });
    for (const words of [
      'limits.warmUp.from: must be a day',
      'limits.warmUp.days: must name',
      'limits.domains.gmail',
      'relays.a.example.com.weight',
      'there is no key "perDai"',
    ])
      expect(found, words).toEqual(expect.arrayContaining([expect.stringContaining(words)]));
  });

  test.each([
    [
      'smtp://a.example.com smtp://u:hunter22@a.example.com:587 smtp://u:hunter22@a.example.com',
      '',
      'names u@a.example.com:587 twice',
    ],
    [
      'smtp://a.example.com smtp://b.example.com',
      "relays: { 'c.example.com': { weight: 2 } }",
      'and not c.example.com',
    ],
  ])('SMTP_URL that does not fit them is a fault: %s', async (SMTP_URL, rest, words) => {
    const found = await faults({ 'newsletter.config.ts': of(rest) }, { SMTP_URL });
    expect(found).toEqual([expect.stringContaining(words)]);
    expect(found.join()).not.toContain('hunter22');
  });

  test('names of relays are not asked of a server of this machine', async () => {
    const source = of("relays: { 'c.example.com': { weight: 2 } }");
    await load({ 'newsletter.config.ts': source }, { SMTP_URL: 'smtp://127.0.0.1:2525' });
  });
});
