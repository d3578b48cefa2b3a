import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { deadUrl, mailServer } from './mail-server.ts';
import { campaigns, expectNothingDone, expectTold } from './told.ts';

/** A server that would take everything: what is refused before it is refused by us. */
const ANY = { SMTP_URL: 'smtp://127.0.0.1:9' };
const issue = (front: string, body = 'Words.') => ({ 'issues/a.md': `---\n${front}\n---\n${body}\n` });
const TEMPLATE =
  '<mjml>\n  <mj-body>\n    <mj-raw>{{#each sections}}{{{html}}}{{/each}} <a href="{{links.unsubscribe}}">x</a></mj-raw>\n';

interface Bad {
  readonly what: string;
  readonly files?: Record<string, string | null>;
  readonly config?: object;
  readonly env?: Record<string, string>;
  readonly lines: readonly string[];
  readonly code: number;
  readonly says: readonly (string | RegExp)[];
}

const ISSUES: Bad[] = [
  {
    what: 'no such issue',
    files: issue('title: A'),
    lines: ['send b --test', 'build b', 'check b'],
    code: 1,
    says: ['There is no issue "b".', 'Did you mean one of: a?'],
  },
  { what: 'no issue at all', lines: ['send --test'], code: 1, says: ['There is no issue yet.', 'issues/'] },
  {
    what: 'an issue without words',
    files: issue('title: A', ''),
    lines: ['send a --test', 'check'],
    code: 1,
    says: ['issues/a.md:4:1 error The issue is empty.', 'Write something below the front matter.'],
  },
  {
    what: 'an empty file',
    files: { 'issues/a.md': '' },
    lines: ['build a'],
    code: 1,
    says: ['issues/a.md:1:1 error'],
  },
  {
    what: 'two issues with one slug',
    files: { 'issues/a.md': '---\nslug: c\n---\nWords.', 'issues/c.md': 'Words.' },
    lines: ['send c --test', 'send c --confirm c', 'check'],
    code: 1,
    says: [
      'issues/a.md:2:1 error Its slug "c" is also that of issues/c.md.',
      'issues/c.md:1:1',
      'Set another "slug"',
    ],
  },
  {
    what: 'YAML that does not parse',
    files: issue('title: A\ntags: [one, two'),
    lines: ['check'],
    code: 1,
    says: [/issues\/a\.md:[34]:\d+ error/, '(front-matter)'],
  },
  {
    what: 'an unknown template',
    files: issue('title: A\ntemplate: fancy'),
    lines: ['send a --test', 'check'],
    code: 1,
    says: ['issues/a.md:3:1 error There is no template "fancy".', 'There are: newsletter.'],
  },
  {
    what: 'an unknown template in the configuration',
    files: issue('title: A'),
    config: { template: 'fancy' },
    lines: ['check'],
    code: 1,
    says: ['newsletter.config.ts:1:1 error There is no template "fancy".'],
  },
  {
    what: 'an element that MJML does not know',
    files: {
      ...issue('title: A\ntemplate: own'),
      'templates/own.mjml': `${TEMPLATE}    <mj-paragraph>x</mj-paragraph>\n  </mj-body>\n</mjml>\n`,
    },
    lines: ['send a --test'],
    code: 1,
    says: ['templates/own.mjml:4:1 error MJML:', 'mj-paragraph', '4 |     <mj-paragraph>x</mj-paragraph>'],
  },
  {
    what: 'a template that Handlebars cannot read',
    files: {
      ...issue('title: A\ntemplate: own'),
      'templates/own.mjml': `${TEMPLATE}    {{#if title}\n  </mj-body>\n</mjml>\n`,
    },
    lines: ['check'],
    code: 1,
    says: [/templates\/own\.mjml:\d+:1 error/],
  },
  {
    what: 'a merge field that no reader has',
    files: issue('title: A', 'Your plan is {{subscriber.plan}}.'),
    env: ANY,
    lines: ['check', 'send a --test', 'send a --confirm a'],
    code: 1,
    says: ['issues/a.md:4:14 error No subscriber has a field "plan".', '{{subscriber.plan | "…"}}'],
  },
  {
    what: 'a merge field that is none',
    files: issue('title: A', 'Dear {{subscriber.name | x}}.'),
    lines: ['check'],
    code: 1,
    says: ['issues/a.md:4:6 error', 'is not a merge field', '{{subscriber.name | "fallback"}}'],
  },
];

const HEADERS: Bad[] = [
  ...[
    ['CR and LF', '\\r\\n'],
    ['LF', '\\n'],
    ['CR', '\\r'],
    ['NUL', '\\0'],
  ].map(([name, sign]) => {
    const value = `"A <a@example.com>${sign}Bcc: victim@example.com"`;
    return {
      what: `${name} in subject, from and replyTo`,
      files: issue(`title: A\nsubject: ${value}\nfrom: ${value}\nreplyTo: ${value}`),
      lines: ['send a --test'],
      code: 1,
      says: ['subject', 'from', 'replyTo'].map(
        (key, index) =>
          `issues/a.md:${index + 3}:1 error "${key}" holds a line break or a control character.`,
      ),
    };
  }),
  {
    what: 'a NUL in the file',
    files: { 'issues/a.md': '# A\n\nWords\0.' },
    lines: ['send a --test'],
    code: 1,
    says: ['issues/a.md:3:6 error'],
  },
  ...['name', 'from'].map((key) => ({
    what: `a line break in the configuration's "${key}"`,
    files: issue('title: A'),
    config: { [key]: 'A\r\nBcc: v <v@example.com>' },
    lines: ['send a --test'],
    code: 78,
    says: [/newsletter\.config\.ts:\d+:\d+ error/, `${key}: must not hold line breaks`],
  })),
  ...[
    ['CR and LF', '\r\n'],
    ['LF', '\n'],
    ['NUL', '\0'],
  ].map(([name, sign]) => ({
    what: `${name} in a reader's name`,
    files: {
      ...issue('title: A'),
      'subscribers/staff.csv': `email,name\na@example.com,"A${sign}Bcc: v@example.com"\n`,
    },
    lines: ['send a --test'],
    code: 1,
    says: ['subscribers/staff.csv:2:', '"name" holds a line break or a control character'],
  })),
];

const READERS: Bad[] = [
  {
    what: 'a "from" that is no address',
    files: issue('title: A\nfrom: nobody'),
    lines: ['check', 'send a --test'],
    code: 1,
    says: ['issues/a.md:3:1 error "from": "nobody" has no @.', 'Name <name@example.com>'],
  },
  {
    what: 'an address of the configuration that is none',
    files: issue('title: A'),
    config: { from: 'nobody', bounceAddress: 'a b@c' },
    lines: ['check'],
    code: 78,
    says: ['newsletter.config.ts:3:3 error from: "nobody" has no @', 'bounceAddress: '],
  },
  {
    what: 'an address on the list that is none',
    files: { ...issue('title: A'), 'subscribers/weekly.csv': 'email\nada@example.com\nnobody\n' },
    lines: ['check'],
    code: 1,
    says: [
      'subscribers/weekly.csv:3:1 error "nobody" is no address: "nobody" has no @.',
      'Correct or delete the row.',
    ],
  },
  {
    what: 'a --to that is no address',
    files: issue('title: A'),
    lines: ['send a --test --to nobody'],
    code: 2,
    says: ['--to: "nobody" is no address: "nobody" has no @.'],
  },
  {
    what: 'an --as that is nobody',
    files: issue('title: A'),
    lines: ['send a --test --as eve@example.com'],
    code: 2,
    says: ['--as: nobody on the list has the address eve@example.com.', '--list NAME'],
  },
  {
    what: 'a list with a header only',
    files: { ...issue('title: A'), 'subscribers/weekly.csv': 'email,name\n' },
    env: ANY,
    lines: ['send a --confirm a'],
    code: 1,
    says: ['Nobody on the list "weekly" can be mailed.', 'subscribers/'],
  },
  {
    what: 'a list of nothing',
    files: { ...issue('title: A'), 'subscribers/weekly.csv': '' },
    env: ANY,
    lines: ['send a --confirm a', 'check'],
    code: 1,
    says: ['subscribers/weekly.csv:1:1 error The list is empty.', 'email,name'],
  },
  {
    what: 'an empty list of staff',
    files: { ...issue('title: A'), 'subscribers/staff.csv': 'email\n' },
    lines: ['send a --test'],
    code: 1,
    says: ['The list "staff" is empty.', '--to me@example.com'],
  },
  {
    what: 'no list of staff',
    files: { ...issue('title: A'), 'subscribers/staff.csv': null },
    lines: ['send a --test'],
    code: 1,
    says: ['subscribers/staff.csv', '--to me@example.com'],
  },
  {
    what: 'a list that is not there',
    files: issue('title: A'),
    env: ANY,
    lines: ['send a --list monthly --confirm a'],
    code: 1,
    says: ['There is no list "monthly".', 'There are: staff, weekly.'],
  },
  {
    what: 'a list that the issue names and that is not there',
    files: issue('title: A\nlist: monthly'),
    lines: ['check'],
    code: 1,
    says: ['issues/a.md:3:1 error There is no list "monthly".'],
  },
];

const CONFIGURATION: Bad[] = [
  {
    what: 'no newsletter here',
    files: { 'newsletter.config.ts': null },
    lines: ['check', 'status'],
    code: 78,
    says: ['There is no newsletter.config.ts', 'Run this in the folder of your newsletter.'],
  },
  {
    what: 'a configuration that does not run',
    files: { 'newsletter.config.ts': 'const a = 1;\nexport default { name: };\n' },
    lines: ['check'],
    code: 78,
    says: ['newsletter.config.ts:2:1 error It does not run: '],
  },
  {
    what: 'no postal address',
    files: issue('title: A'),
    config: { postalAddress: null },
    env: ANY,
    lines: ['send a --confirm a'],
    code: 78,
    says: ['"postalAddress" is not set in newsletter.config.ts', 'postalAddress: "'],
  },
  {
    what: 'no way to unsubscribe',
    files: issue('title: A'),
    config: { unsubscribeMailto: null },
    env: ANY,
    lines: ['send a --confirm a'],
    code: 78,
    says: ['Readers could not unsubscribe', 'newsletter.config.ts'],
  },
  {
    what: 'links that cannot be signed',
    files: issue('title: A'),
    config: { publicUrl: 'https://mail.example.com' },
    env: ANY,
    lines: ['send a --confirm a'],
    code: 78,
    says: ['LINK_SECRET is not set', 'openssl rand -hex 32'],
  },
  {
    what: 'no server',
    files: issue('title: A'),
    lines: ['send a --confirm a'],
    code: 78,
    says: ['SMTP_URL is not set', '.env.example', '--inbox'],
  },
  ...[
    ['hunter22 words', 'it is not an address'],
    ['https://u:hunter22@mail.example.com', 'not with smtp://'],
    ['smtp://user@mail.example.com', 'it has a user but no password'],
    ['smtp://u:hunter22@mail.example.com?tls=no&debug=1', 'an option other than tls=optional'],
    ['smtp://u:hunter22%@mail.example.com', '%25'],
  ].map(([url, says]) => ({
    what: `SMTP_URL=${url}`,
    files: issue('title: A'),
    env: { SMTP_URL: url! },
    lines: ['send a --test'],
    code: 78,
    says: [
      'environment:1:1 error SMTP_URL cannot be used: ',
      says!,
      'smtp://user:password@smtp.example.com:587',
    ],
  })),
  {
    what: 'a bad SMTP_URL in .env',
    files: { ...issue('title: A'), '.env': '# Mail\n\nSMTP_URL=mail.example.com\n' },
    lines: ['send a --test'],
    code: 78,
    says: ['.env:3:1 error SMTP_URL cannot be used: '],
  },
];

describe.each([
  ['issues and templates', ISSUES],
  ['header injection', HEADERS],
  ['addresses and lists', READERS],
  ['configuration', CONFIGURATION],
])('%s', (_group, cases) => {
  const runs = cases.flatMap((bad) => bad.lines.map((line) => ({ ...bad, line })));
  test.concurrent.each(runs)('$what: $line', async ({ files, config, env, line, code, says }) => {
    const project = temporaryProject(files, config);
    const ended = await runCommand(project.root, line, env);
    expectTold(ended, code, says);
    expect(ended.stdout + ended.stderr).not.toContain('hunter22');
    expectNothingDone(project);
  });
});

describe('a merge field that some readers lack', () => {
  const files = {
    ...issue('title: A', 'Dear {{subscriber.name}}.'),
    'subscribers/weekly.csv': 'email,name\nada@example.com,Ada\nbob@example.com,\ncy@example.com,Cy\n',
  };
  const says = [
    'issues/a.md:4:6 warning 1 of 3 subscribers have no "name", the first on line 3 of the list.',
  ];

  test.concurrent.each([
    ['check', 0],
    ['check --strict', 1],
    ['send a --dry-run', 0],
    ['send a --test', 0],
  ])('%s', async (line, code) => {
    expectTold(await runCommand(temporaryProject(files).root, line), code, says);
  });
});

describe('the mail server', () => {
  const readers = (count: number) =>
    `email\n${Array.from({ length: count }, (_, index) => `reader${index}@example.com`).join('\n')}\n`;

  test('is down: a test says so, and may be run again', async () => {
    const project = temporaryProject(issue('title: A'));
    const ended = await runCommand(project.root, 'send a --test', { SMTP_URL: await deadUrl() });
    expectTold(ended, 75, ['deferred editor@example.com', 'ECONNREFUSED', 'Run this again later']);
    expectNothingDone(project);
  });

  test('is down: the campaign pauses, nobody is lost, and running it again delivers', async () => {
    // As many lanes as it has patience: all fail at once, and no test waits for its rests.
    const files = { ...issue('title: A'), 'subscribers/weekly.csv': readers(8) };
    const project = temporaryProject(files, { limits: { connections: 8 } });
    const down = await runCommand(project.root, 'send a --confirm a', { SMTP_URL: await deadUrl() });
    expectTold(down, 75, ['ECONNREFUSED', '8 queued']);
    expect(campaigns(project)).toEqual([{ slug: 'a', state: 'paused', counts: { queued: 8 } }]);
    const server = await mailServer();
    expectTold(await runCommand(project.root, 'send a --confirm a', { SMTP_URL: server.url }), 0, [
      '8 accepted',
    ]);
    expect(new Set(server.accepted.map(({ to }) => to)).size).toBe(8);
    expect(server.accepted).toHaveLength(8);
  });

  test('refuses the password: nobody is rejected for it', async () => {
    const server = await mailServer({ refuseLogin: true });
    const env = { SMTP_URL: `smtp://me:hunter22@127.0.0.1:${server.port}` };
    const project = temporaryProject({ ...issue('title: A'), 'subscribers/weekly.csv': readers(3) });
    const attempt = await runCommand(project.root, 'send a --test', env);
    expectTold(attempt, 78, ['Wrong user or password', 'SMTP_URL']);
    const ended = await runCommand(project.root, 'send a --confirm a', env);
    expectTold(ended, 78, ['Wrong user or password', '3 queued']);
    expect(campaigns(project)).toEqual([{ slug: 'a', state: 'paused', counts: { queued: 3 } }]);
    for (const { stdout, stderr } of [attempt, ended]) expect(stdout + stderr).not.toContain('hunter22');
    expect(server.accepted).toEqual([]);
  });
});

describe('a state folder that cannot be written', () => {
  // A file in its place stops root too, whom permissions do not.
  const files = { ...issue('title: A'), '.broadsheet': 'a file\n' };

  test.concurrent.each([
    ['send a --test', {}, ['.broadsheet', 'ENOTDIR']],
    ['send a --inbox --confirm a', {}, ['.broadsheet', 'ENOTDIR']],
    ['send a --confirm a', ANY, ['The ledger', '.broadsheet', 'can be written']],
  ])('%s', async (line, env, says) => {
    const project = temporaryProject(files);
    const ended = await runCommand(project.root, line, env);
    expectTold(ended, 78, says);
    expect(ended.stderr.split('\n').filter((text) => text.includes('.broadsheet'))).toHaveLength(1);
    expect(project.read('.broadsheet')).toBe('a file\n');
  });

  test.each(['check', 'status', 'send a --dry-run', 'build a'])('%s does not need it', async (line) => {
    expectTold(await runCommand(temporaryProject(files).root, line), 0, []);
  });
});

test('a full disk is told in one line, and may pass', async () => {
  const project = temporaryProject(issue('title: A'));
  mkdirSync(join(project.root, 'dist'));
  symlinkSync('/dev/full', join(project.root, 'dist/a.html'));
  expectTold(await runCommand(project.root, 'build a'), 75, ['ENOSPC', 'Make room']);
});

test('a folder in the place of a file is told in one line', async () => {
  const project = temporaryProject(issue('title: A'));
  mkdirSync(join(project.root, 'dist/a.txt'), { recursive: true });
  expectTold(await runCommand(project.root, 'build a'), 78, ['dist/a.txt', 'EISDIR']);
});

describe('a ledger from a newer version', () => {
  test.concurrent.each(['send a --confirm a', 'send a --dry-run', 'status', 'status a --cancel'])(
    '%s',
    async (line) => {
      const project = temporaryProject(issue('title: A'));
      mkdirSync(join(project.root, '.broadsheet'));
      const path = join(project.root, '.broadsheet/ledger.sqlite');
      const database = new DatabaseSync(path);
      database.exec('CREATE TABLE tomorrow (x); PRAGMA user_version = 99');
      database.close();
      const before = project.read('.broadsheet/ledger.sqlite');
      const ended = await runCommand(project.root, line, ANY);
      expectTold(ended, 78, ['newer Broadsheet', '99', 'Update Broadsheet.']);
      expect(project.read('.broadsheet/ledger.sqlite').slice(100)).toBe(before.slice(100));
    },
  );
});

describe('5,000 rows of which 3 are broken', () => {
  const rows = Array.from({ length: 5000 }, (_, index) => `reader${index}@example.com,Reader ${index}`);
  rows[10] = 'nobody,Nobody';
  rows[2500] = 'two@example.com,Two,three';
  rows[4999] = 'x@example.com,"open';
  const files = { ...issue('title: A'), 'subscribers/weekly.csv': `email,name\n${rows.join('\n')}\n` };
  const says = ['weekly.csv:12:1 error', 'weekly.csv:2502:', 'weekly.csv:5001:'];

  test('check names the three and no other', async () => {
    const ended = await runCommand(temporaryProject(files).root, 'check');
    expectTold(ended, 1, [...says, '3 errors']);
  });

  test('the plan counts all the others', async () => {
    const project = temporaryProject(files);
    const ended = await runCommand(project.root, 'send a --dry-run --json');
    expectTold(ended, 0, says);
    expect(JSON.parse(ended.stdout)).toMatchObject({ recipients: 4997, broken: 3 });
    expectNothingDone(project);
  });
});
