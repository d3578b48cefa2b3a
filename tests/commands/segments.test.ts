import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { campaigns, expectNothingDone, expectTold } from './told.ts';

const files = {
  'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords for {{subscriber.name}}.\n',
  'subscribers/weekly.csv':
    'email,name,plan,joined\nada@example.com,Ada,pro,2026-05-01\nbob@example.com,,free,2026-05-01\ncy@example.com,Cy,pro,2025-12-31\ndee@example.com,Dee,pro,\n',
};
const segments = { pro: { list: 'weekly', where: 'plan == "pro"' } };

test('a segment changes whom an issue goes to, and a second campaign only adds readers', async () => {
  const server = await mailServer();
  const project = temporaryProject(files, { segments, lists: { weekly: { title: 'The Weekly' } } });
  const env = { SMTP_URL: server.url };
  const send = (...words: string[]) =>
    runCommand(project.root, ['send', 'hello', '--confirm', 'hello', ...words], env);
  const reached = () => server.accepted.map(({ to }) => to).sort();

  const recent = await send('--list', 'pro', '--where', 'joined > 2026-01-01');
  expectTold(recent, 0, [
    'list        weekly where plan == "pro" and (joined > 2026-01-01)\n',
    /recipients +1\n/,
    '3 not: the condition is not true for them',
    'finished: 1 accepted',
  ]);
  expect(reached()).toEqual(['ada@example.com']);
  // To its readers it is the list.
  expect(/^List-Id:.*/m.exec(server.accepted[0]!.content)![0]).toContain('<weekly.example.com>');

  expectTold(await send('--list', 'pro'), 0, [/recipients +2, 1 more are already recorded/]);
  expect(reached()).toEqual(['ada@example.com', 'cy@example.com', 'dee@example.com']);
  const rest = await send('--list', 'weekly');
  // Only now somebody is mailed who has no name.
  expectTold(rest, 1, ['No subscriber has a field "name"', 'Nothing was sent.']);
  expect(campaigns(project)).toHaveLength(2);
});

test('an issue names a segment, and what it asks of readers is asked of these alone', async () => {
  const project = temporaryProject(
    { ...files, 'issues/hello.md': '---\ntitle: Hello\nlist: pro\n---\nDear {{subscriber.name}}.\n' },
    { segments },
  );
  // Bob has no name, and is not among them.
  expectTold(await runCommand(project.root, 'check hello'), 0, ['1 list']);
  const plan = await runCommand(project.root, 'send hello --dry-run --json');
  expect(JSON.parse(plan.stdout)).toMatchObject({
    list: 'weekly',
    target: 'weekly where plan == "pro"',
    recipients: 3,
    outside: 1,
  });
  expectTold(await runCommand(project.root, 'send hello --list weekly --dry-run'), 0, [
    '1 of 4 subscribers have no "name"',
  ]);
});

test('what goes to a part of a list is not in the public archive, nor what corrects it, unless the issue says so', async () => {
  const server = await mailServer();
  const issue = (title: string, more = '') => `---\ntitle: ${title}\n${more}---\nWords.\n`;
  const project = temporaryProject(
    {
      ...files,
      'issues/hello.md': issue('Hello'),
      'issues/sorry.md': issue('Sorry', 'errataFor: hello\n'),
      'issues/shown.md': issue('Shown', 'archive: true\n'),
    },
    { segments },
  );
  const send = (slug: string, ...words: string[]) =>
    runCommand(project.root, ['send', slug, '--confirm', slug, ...words], { SMTP_URL: server.url });
  const archive = async () => {
    expectTold(await runCommand(project.root, 'build --site public'), 0, []);
    return project.names('public/archive').filter((name) => !name.includes('.'));
  };
  expectTold(await send('hello', '--where', 'plan == "pro"'), 0, [
    'archive     not shown there',
    '3 accepted',
  ]);
  expectTold(await send('sorry'), 0, ['archive     not shown there', '3 accepted']);
  const shown = await send('shown', '--list', 'pro');
  expectTold(shown, 0, ['3 accepted']);
  expect(shown.stdout + shown.stderr).not.toContain('not shown there');
  expect(await archive()).toEqual(['shown']);
  // When everybody has it, it is for everybody.
  expectTold(await send('hello'), 0, ['1 accepted']);
  expect(await archive()).toEqual(['hello', 'shown']);
  // The last word of its author counts.
  project.write('issues/hello.md', issue('Hello', 'archive: false\n'));
  project.write('subscribers/weekly.csv', `${files['subscribers/weekly.csv']}eve@example.com,Eve,free,\n`);
  expectTold(await send('hello', '--to-new'), 0, ['archive     not shown there', '1 accepted']);
  expect(await archive()).toEqual(['shown']);
});

test('what staff had first, and then a part of a list, is not public, nor what corrects it', async () => {
  const server = await mailServer();
  const issue = (title: string, more = '') => `---\ntitle: ${title}\n${more}---\nWords.\n`;
  const project = temporaryProject(
    { ...files, 'issues/hello.md': issue('Hello'), 'issues/sorry.md': issue('Sorry', 'errataFor: hello\n') },
    { segments },
  );
  for (const line of ['hello --list staff', 'hello --list pro', 'sorry']) {
    const [slug] = line.split(' ');
    const sent = await runCommand(project.root, `send ${line} --confirm ${slug}`, { SMTP_URL: server.url });
    expectTold(sent, 0, ['archive     not shown there', 'accepted']);
  }
  expectTold(await runCommand(project.root, 'build --site public'), 0, []);
  expect(project.names('public/archive')).toEqual(['atom.xml', 'index.html', 'rss.xml']);
});

describe('nothing is sent', () => {
  const cases: [string, string[], object, number, string[]][] = [
    [
      'for a condition that cannot be read',
      ['--where', 'plan = "pro"'],
      {},
      2,
      ['--where: "=" is not expected here: compare with == (column 6).', "--where 'plan =="],
    ],
    [
      'for a field that nobody has',
      ['--where', 'pln == "pro"'],
      {},
      1,
      ['No reader on "weekly" has a field "pln"', 'subscribers/weekly.csv'],
    ],
    [
      'where the condition is true for nobody',
      ['--where', 'plan == "gold"'],
      {},
      1,
      ['Nobody on the list "weekly where plan == "gold"" can be mailed.', 'none of 4'],
    ],
    [
      'by a test, to a part of a list',
      ['--test', '--where', 'plan'],
      {},
      2,
      ['--where belongs to a delivery'],
    ],
    ['by --due, to a part of a list', ['--due', '--where', 'plan'], {}, 2, ['--due takes no']],
    [
      'when the configuration has a condition that cannot be read',
      [],
      { segments: { pro: { list: 'weekly', where: 'plan ==' } } },
      78,
      ['segments.pro.where: A field or a value is missing before the end (column 8)'],
    ],
    [
      'when a segment is a part of a segment',
      [],
      { segments: { ...segments, few: { list: 'pro', where: 'joined' } } },
      78,
      ['segments.few.list: "pro" is a segment itself; name a list'],
    ],
  ];
  test.each(cases)('%s', async (_what, words, config, code, says) => {
    const project = temporaryProject(files, { segments, ...config });
    const line = ['send', 'hello', '--confirm', 'hello', ...words];
    expectTold(await runCommand(project.root, line, { SMTP_URL: 'smtp://127.0.0.1:9' }), code, says);
    expectNothingDone(project);
  });
});

test('check finds segments that cannot be', async () => {
  const project = temporaryProject(
    { ...files, 'subscribers/few.csv': 'email\n' },
    {
      segments: {
        ...segments,
        odd: { list: 'weekly', where: 'pln == "pro"' },
        none: { list: 'monthly', where: 'plan' },
        few: { list: 'weekly', where: 'plan' },
      },
    },
  );
  expectTold(await runCommand(project.root, 'check'), 1, [
    'The segment "odd" asks for a field "pln", which nobody on "weekly" has.',
    'newsletter.config.ts:1:1 error There is no list "monthly".',
    '"few" is a list and a segment',
  ]);
});
