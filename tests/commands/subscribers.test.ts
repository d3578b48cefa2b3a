import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { expectTold } from './told.ts';

const SECRET = { LINK_SECRET: 'a-secret-of-the-tests-long-enough' };
const LIST = 'email,name,plan\nada@example.com,Ada,pro\nbob@example.com,Bob,free\n';
const EXPORT = {
  'subscribed.csv':
    'Email Address,First Name,Last Name,OPTIN_TIME,LEID\nADA@example.com,Ada,Lovelace,2024-02-01 09:00:00,1\nnew@example.com,"=HYPERLINK(""x"")",,2024-02-01 09:00:00,2\nbob@example.com,Bob,,2024-02-01 09:00:00,3\n"broken@example.com,x\n',
  'unsubscribed.csv': 'Email Address,UNSUB_TIME,LEID\nbob@example.com,2025-01-01 00:00:00,3\n',
  'cleaned.csv': 'Email Address,CLEAN_TIME,LEID\ngone@example.com,2025-01-01 00:00:00,4\n',
};
const IMPORT = ['subscribers', 'import', ...Object.keys(EXPORT)];
const project = (files: Record<string, string | null> = {}, config: object = {}) =>
  temporaryProject({ 'subscribers/weekly.csv': LIST, ...EXPORT, ...files }, config);
const lines = (text: string) => text.trimEnd().split('\n');

test('an import is shown before anything is written, and then written once', async () => {
  const { root, read, names } = project();
  const before = names('.');
  const shown = await runCommand(root, [...IMPORT, '--dry-run', '--json'], SECRET);
  expectTold(shown, 1, [
    'subscribed.csv:5:1 error The row cannot be read: a quote is never closed',
    '  name         "First Name" and "Last Name"',
    /new +1\n/,
    /updated +1\n/,
    '1 unsubscribed at Mailchimp',
    'Nothing was written: this was the plan only.',
  ]);
  const plan = JSON.parse(shown.stdout);
  expect(plan).toMatchObject({ rows: 6, new: 1, updated: 1, unchanged: 0, broken: 1, written: false });
  expect(plan.skipped).toEqual({
    'the same reader as another row': 1,
    'unsubscribed at Mailchimp': 1,
    'bounced at Mailchimp': 1,
  });
  expect(plan.suppressed).toEqual({ unsubscribed: 1, bounced: 1 });
  expectTold(await runCommand(root, IMPORT, SECRET), 2, ['Nobody is here to confirm', 'Add --confirm']);
  expect(read('subscribers/weekly.csv')).toBe(LIST);
  expect(names('.').filter((name) => name !== '.broadsheet')).toEqual(before);
  expect(names('.broadsheet')).toEqual([]);

  expectTold(await runCommand(root, [...IMPORT, '--confirm'], SECRET), 1, ['Written.']);
  expect(read('subscribers/weekly.csv')).toBe(
    'email,name,plan,first_name,last_name,joined\nada@example.com,Ada Lovelace,pro,Ada,Lovelace,2024-02-01\nbob@example.com,Bob,free,,,\nnew@example.com,"\'=HYPERLINK(""x"")",,"\'=HYPERLINK(""x"")",,2024-02-01\n',
  );
  expect(lines(read('subscribers/suppressed.csv'))).toHaveLength(3);
  expect(read('subscribers/suppressed.csv')).not.toContain('example.com');
  const again = await runCommand(root, [...IMPORT, '--confirm'], SECRET);
  expectTold(again, 1, [/unchanged +2\n/, 'There is nothing to write.']);
});

test('who left is not brought back, whatever a file says', async () => {
  const server = await mailServer();
  const { root, write, read } = project({ 'issues/hello.md': '---\ntitle: Hello\n---\nWords.\n' });
  const env = { ...SECRET, SMTP_URL: server.url };
  expectTold(await runCommand(root, 'subscribers remove bob@example.com', env), 0, [
    'taken off subscribers/weekly.csv',
    'no import brings them back',
  ]);
  write('again.csv', 'email,name\nbob@example.com,Bob\nnew@example.com,Nia\n');
  const shown = await runCommand(root, 'subscribers import again.csv --confirm', env);
  expectTold(shown, 0, ['1 manual here: only they themselves can come back', /new +1\n/]);
  expect(read('subscribers/weekly.csv')).not.toContain('bob@');
  expectTold(await runCommand(root, 'subscribers add bob@example.com', env), 1, ['is suppressed (manual)']);
  // By hand into the file, and without the ledger that knew it: the keyed names in the repository are enough.
  write('subscribers/weekly.csv', LIST);
  write('.env', '');
  const elsewhere = temporaryProject({
    'subscribers/weekly.csv': LIST,
    'subscribers/suppressed.csv': read('subscribers/suppressed.csv'),
    'issues/hello.md': '---\ntitle: Hello\n---\nWords.\n',
  });
  for (const where of [root, elsewhere.root]) {
    server.accepted.length = 0;
    expectTold(await runCommand(where, 'send hello --confirm hello', env), 0, ['1 not: taken off by hand']);
    expect(server.accepted.map(({ to }) => to)).toEqual(['ada@example.com']);
  }
});

test('a reader is added, changed and forgotten', async () => {
  const { root, read } = project();
  const run = (...words: string[]) => runCommand(root, ['subscribers', ...words], SECRET);
  expectTold(
    await run('add', 'cy@example.com', '--name', 'Cy', '--field', 'plan=pro', '--field', 'city=Ulm'),
    0,
    ['new'],
  );
  expectTold(await run('add', 'ADA@example.com', '--field', 'plan=free'), 0, ['updated']);
  expectTold(await run('add', 'ada@example.com', '--field', 'plan=free'), 0, ['unchanged']);
  expect(read('subscribers/weekly.csv')).toBe(
    'email,name,plan,city\nada@example.com,Ada,free,\nbob@example.com,Bob,free,\ncy@example.com,Cy,pro,Ulm\n',
  );
  expectTold(await run('remove', 'cy@example.com', '--forget', '--json'), 0, ['"suppressed":false']);
  expectTold(await run('add', 'cy@example.com'), 0, ['new']);
  expectTold(await run('add', 'nobody'), 2, ['"nobody" is no address']);
  expectTold(await run('add', 'x@example.com', '--field', 'name=a\nBcc: y@example.com'), 2, ['line break']);
});

test('what is exported is what is on the list, and comes back the same', async () => {
  const odd = 'email,name,plan\n"ada@example.com","=1+1;-2, ""x""",pro\nbob@example.com,Bob,free\n';
  const { root, write, read } = project(
    { 'subscribers/weekly.csv': odd },
    { segments: { pro: { list: 'weekly', where: 'plan == "pro"' } } },
  );
  const run = (...words: string[]) => runCommand(root, ['subscribers', ...words], SECRET);
  await run('remove', 'bob@example.com', '--list', 'weekly');
  write('subscribers/weekly.csv', odd);
  const some = await run('export');
  expect(some.stdout).toBe('email,name,plan\nada@example.com,"\'=1+1;\'-2, ""x""",pro\n');
  expectTold(await run('export', '--all', '--out', 'out.csv'), 0, ['2 readers of weekly in out.csv.']);
  expect(lines(read('out.csv'))[2]).toBe('bob@example.com,Bob,free,manual');
  expectTold(await run('import', 'out.csv', '--list', 'other', '--confirm'), 0, ['1 manual at a plain CSV']);
  expect(read('subscribers/other.csv')).toBe('email,name,plan\nada@example.com,"\'=1+1;\'-2, ""x""",pro\n');
  expect(JSON.parse((await run('export', '--list', 'other', '--json')).stdout)).toEqual([
    { email: 'ada@example.com', fields: { name: '=1+1;-2, "x"', plan: 'pro' } },
  ]);
  expectTold(await run('show'), 0, [
    'weekly: 1 reader; not mailed: 1 manual',
    'pro: weekly where plan == "pro": 1 reader',
  ]);
  expectTold(await run('show', '--where', 'plan == "free"'), 0, ['0 readers; not mailed: 1 manual']);
  expectTold(await run('show', 'ada@example.com'), 0, [
    'weekly: subscribed',
    'other: subscribed',
    'plan=pro',
  ]);
  expectTold(await run('show', 'no@example.com'), 1, ['on none of the lists']);
});

describe('the file of keyed names and the ledger', () => {
  test('come to the same, and what git could not merge is kept from both sides', async () => {
    const first = project();
    await runCommand(first.root, 'subscribers remove ada@example.com', SECRET);
    const one = lines(first.read('subscribers/suppressed.csv'))[1]!;
    const second = project();
    await runCommand(second.root, 'subscribers remove bob@example.com --all', SECRET);
    const other = lines(second.read('subscribers/suppressed.csv'))[1]!;
    // Two branches that both added a line.
    const third = project({
      'subscribers/suppressed.csv': `reader,list,reason,at\n<<<<<<< HEAD\n${one}\n=======\n${other}\n>>>>>>> bounces\n`,
    });
    expectTold(await runCommand(third.root, 'subscribers show', SECRET), 0, ['0 readers; not mailed:']);
    expectTold(await runCommand(third.root, 'subscribers sync', SECRET), 0, [
      'subscribers/suppressed.csv:2 holds what git could not merge: both sides are kept.',
      '2 from subscribers/suppressed.csv into the ledger, 0 from the ledger into the file.',
    ]);
    expect(lines(third.read('subscribers/suppressed.csv'))).toEqual([
      'reader,list,reason,at',
      ...[one, other].sort(),
    ]);
    third.write('subscribers/suppressed.csv', '');
    expectTold(await runCommand(third.root, 'subscribers sync', SECRET), 0, [
      '2 from the ledger into the file.',
    ]);
    expect(lines(third.read('subscribers/suppressed.csv'))).toEqual([
      'reader,list,reason,at',
      ...[one, other].sort(),
    ]);
    const still = third.read('subscribers/suppressed.csv');
    expectTold(await runCommand(third.root, 'subscribers sync --json', SECRET), 0, [
      '"intoLedger":0,"intoFile":0',
    ]);
    expect(third.read('subscribers/suppressed.csv')).toBe(still);
  });

  test('and a line that is none of ours is told, and stays', async () => {
    const { root, read } = project({
      'subscribers/suppressed.csv': 'reader,list,reason,at\nbob@example.com,,left,\n',
    });
    expectTold(await runCommand(root, 'subscribers sync', SECRET), 1, ['suppressed.csv:2 cannot be read']);
    expect(read('subscribers/suppressed.csv')).toContain('bob@example.com');
    expectTold(await runCommand(root, 'subscribers sync'), 78, ['LINK_SECRET is not set']);
  });
});

describe('nothing is written', () => {
  const cases: [string, string[], number, (string | RegExp)[]][] = [
    [
      'of a file that is not there',
      ['import', 'nothing.csv', '--confirm'],
      78,
      ['nothing.csv: it is not there'],
    ],
    [
      'of a service that is not known',
      ['import', 'subscribed.csv', '--from', 'mailchump'],
      2,
      ['"mailchump" is no service', 'mailchimp'],
    ],
    [
      'of a file without addresses',
      ['import', 'newsletter.config.ts', '--confirm'],
      1,
      ['No column holds addresses', '--map COLUMN=email'],
    ],
    [
      'with a map that names nothing',
      ['import', 'subscribed.csv', '--map', 'name'],
      2,
      ['--map: "name" names no column'],
    ],
    [
      'into a segment',
      ['import', 'subscribed.csv', '--list', 'pro'],
      2,
      ['"pro" is a segment, a part of the list "weekly"'],
    ],
    [
      'into the file of who left',
      ['import', 'subscribed.csv', '--list', 'suppressed'],
      2,
      ['cannot be the name of a list'],
    ],
    [
      'outside of the folder',
      ['add', 'a@example.com', '--list', '../x'],
      2,
      ['cannot be the name of a list'],
    ],
    [
      'for a condition that cannot be read',
      ['export', '--where', 'plan =', '--out', 'x.csv'],
      2,
      ['compare with == (column 6)'],
    ],
    [
      'for a field that nobody has',
      ['show', '--where', 'pln'],
      1,
      ['No reader on "weekly" has a field "pln"'],
    ],
    ['by a word that is no action', ['imports'], 2, [/unknown command/]],
  ];
  test.concurrent.each(cases)('%s', async (_what, words, code, says) => {
    const { root, read, names } = project(
      {},
      { segments: { pro: { list: 'weekly', where: 'plan == "pro"' } } },
    );
    const before = names('.');
    expectTold(await runCommand(root, ['subscribers', ...words], SECRET), code, says);
    expect(read('subscribers/weekly.csv')).toBe(LIST);
    expect(names('subscribers')).toEqual(['staff.csv', 'weekly.csv']);
    expect(names('.').filter((name) => name !== '.broadsheet')).toEqual(before);
  });

  test('where the list would lose by it', async () => {
    const broken = `email,name\nada@example.com,${'x'.repeat(100_001)}\n`;
    const { root, read } = project({ 'subscribers/weekly.csv': broken });
    expectTold(await runCommand(root, [...IMPORT, '--confirm'], SECRET), 1, [
      'weekly.csv:2 is too long to be a row',
      'Nothing was written.',
    ]);
    expect(read('subscribers/weekly.csv')).toBe(broken);
  });
});
