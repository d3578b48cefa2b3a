import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { type Script, type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { type TemporaryProject, temporaryProject } from '../support/temporary-project.ts';
import { campaigns, expectNothingDone, expectTold } from './told.ts';

const HOUR = 3_600_000;
const READERS = ['ada@example.com', 'bob@example.com', 'cy@example.com'];
const WEEKLY = `email\n${READERS.join('\n')}\n`;

/** An instant so many hours from now, as an author writes it. */
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();

/** A whole issue file. */
const issue = (front: Record<string, unknown>, body = 'Words.') =>
  `---\n${Object.entries({ title: 'Hello', ...front })
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n')}\n---\n${body}\n`;

async function server(script: Script = {}): Promise<ScriptedServer> {
  const started = await startSmtpServer(script);
  onTestFinished(() => started.close());
  return started;
}

const project = (issues: Record<string, string>, config: object = {}): TemporaryProject =>
  temporaryProject(
    {
      'subscribers/weekly.csv': WEEKLY,
      ...Object.fromEntries(Object.entries(issues).map(([slug, text]) => [`issues/${slug}.md`, text])),
    },
    config,
  );

const sendDue = ({ root }: TemporaryProject, { url }: ScriptedServer, more = '') =>
  runCommand(root, `send --due${more}`, { SMTP_URL: url });

test('what is due goes to everybody once, though it is run again and again', async () => {
  const smtp = await server();
  const here = project({ hello: issue({ sendAt: inHours(-1) }) });
  const first = await sendDue(here, smtp);
  expectTold(first, 0, ['hello is due since', 'finished: 3 accepted', /Nothing is scheduled|Next:|weekly/]);
  expect(first.stdout).toMatch(/\| hello \| weekly \| finished \| 3 \| 0 \| 0 \| 0 \| nothing \|/);
  expect(smtp.accepted().sort()).toEqual(READERS);

  // Who joins after it was sent does not get it by the clock.
  here.write('subscribers/weekly.csv', `${WEEKLY}dee@example.com\n`);
  expectTold(await sendDue(here, smtp), 0, ['Nothing is due.', 'Nothing is scheduled']);
  expect(smtp.accepted()).toHaveLength(3);
});

test('nothing due says what is next and when', async () => {
  const smtp = await server();
  const here = project({
    later: issue({ sendAt: inHours(72) }),
    next: issue({ sendAt: inHours(3) }),
    draft: issue({ sendAt: inHours(-1), draft: true }),
    old: issue({ date: '2020-12-01' }),
  });
  const ended = await sendDue(here, smtp);
  expectTold(ended, 0, ['Nothing is due.', /Next: next at \d{4}-\d\d-\d\d \d\d:\d\d UTC, in 3 h\./]);
  expect(ended.stdout).toBe('');
  expectNothingDone(here);
  expect(smtp.sessions).toBe(0);
});

describe('too late', () => {
  test('a day by default: it is told with its line, never sent, and the others are', async () => {
    const smtp = await server();
    const here = project({
      stale: issue({ sendAt: inHours(-25) }),
      fresh: issue({ sendAt: inHours(-23) }),
    });
    const ended = await sendDue(here, smtp);
    expectTold(ended, 1, ['issues/stale.md:3:1 error It was due at', 'lateBy', '3 accepted']);
    expect(campaigns(here)).toEqual([{ slug: 'fresh', state: 'finished', counts: { accepted: 3 } }]);
  });

  test('lateBy says otherwise, and one that is none is an error of the file', async () => {
    const smtp = await server();
    const here = project({
      hasty: issue({ sendAt: inHours(-1), lateBy: '30m' }),
      patient: issue({ sendAt: inHours(-60), lateBy: '3d' }),
      odd: issue({ sendAt: inHours(-1), lateBy: 'never' }),
    });
    const ended = await sendDue(here, smtp);
    expectTold(ended, 1, ['issues/hasty.md:3:1', 'issues/odd.md:4:1 error "never" is no length of time.']);
    expect(campaigns(here).map(({ slug }) => slug)).toEqual(['patient']);
  });

  test('under GitHub Actions it is an annotation at its line', async () => {
    const smtp = await server();
    const { root } = project({ stale: issue({ sendAt: inHours(-25) }) });
    const ended = await runCommand(root, 'send --due', { SMTP_URL: smtp.url, GITHUB_ACTIONS: 'true' });
    expectTold(ended, 1, [/^::error file=issues\/stale\.md,line=3,col=1,title=late::It was due at/m]);
  });
});

describe('two at once', () => {
  test('share the work: everybody gets one', async () => {
    const smtp = await server();
    const readers = Array.from({ length: 60 }, (_, at) => `reader${at}@example.com`);
    const here = project({ hello: issue({ sendAt: inHours(-1) }), again: issue({ sendAt: inHours(-2) }) });
    here.write('subscribers/weekly.csv', `email\n${readers.join('\n')}\n`);
    const ended = await Promise.all([1, 2, 3].map(() => sendDue(here, smtp)));
    for (const one of ended) expectTold(one, 0, []);
    expect(smtp.accepted().sort()).toEqual([...readers, ...readers].sort());
    expect(campaigns(here).map(({ slug, counts }) => [slug, counts])).toEqual([
      ['again', { accepted: 60 }],
      ['hello', { accepted: 60 }],
    ]);
  });

  test('with one quota: the earlier issue has it first', async () => {
    const smtp = await server();
    const here = project(
      { second: issue({ sendAt: inHours(-1) }), first: issue({ sendAt: inHours(-2) }) },
      { limits: { perDay: 4, connections: 1 } },
    );
    const ended = await sendDue(here, smtp, ' --until 1h');
    expectTold(ended, 75, [
      /\| second \| weekly \| waiting \| 1 \| 2 \|/,
      /the next run goes on, from \d{4}-\d\d-\d\d \d\d:\d\d UTC on/,
    ]);
    expect(campaigns(here)).toEqual([
      { slug: 'first', state: 'finished', counts: { accepted: 3 } },
      { slug: 'second', state: 'running', counts: { accepted: 1, queued: 2 } },
    ]);
  });
});

describe('goes on', () => {
  test('with readers that were deferred, in a later run', async () => {
    const smtp = await server({ rcpt: (to) => (to === READERS[1] ? '451 4.7.1 Later' : '250 ok') });
    const here = project({ hello: issue({ sendAt: inHours(-1) }), other: issue({ sendAt: inHours(-2) }) });
    const ended = await sendDue(here, smtp, ' --until 1m');
    expectTold(ended, 75, [
      /\| hello \| weekly \| waiting \| 2 \| 1 \|/,
      /\| other \| weekly \| waiting \| 2 \|/,
    ]);
    expect(smtp.accepted()).toHaveLength(4);
  });

  test('after the server failed, with the email that was recorded', async () => {
    const smtp = await server({ mail: '451 4.3.0 Not now' });
    const here = project({ hello: issue({ sendAt: inHours(-1) }, 'As it was.') });
    expectTold(await sendDue(here, smtp), 75, ['The mail server fails', 'the next run tries again']);
    smtp.play({});
    here.write('issues/hello.md', issue({ sendAt: inHours(-1) }, 'As it is now.'));
    expectTold(await sendDue(here, smtp), 0, ['hello to weekly is under way: going on.', '3 accepted']);
    expect(smtp.accepted().sort()).toEqual(READERS);
    for (const { content } of smtp.received) expect(content).toContain('As it was.');
  });

  test('after a password was refused', async () => {
    const smtp = await server({ extensions: ['AUTH PLAIN'], auth: '535 5.7.8 No' });
    const here = project({ hello: issue({ sendAt: inHours(-1) }) });
    const url = smtp.url.replace('//', '//user:password@');
    const ended = await runCommand(here.root, 'send --due', { SMTP_URL: url });
    expectTold(ended, 78, [/\| hello \| weekly \| configuration \| 0 \| 3 \|/]);
    expect(ended.stderr + ended.stdout).not.toContain('password@');
    smtp.play({ extensions: ['AUTH PLAIN'] });
    expectTold(await runCommand(here.root, 'send --due', { SMTP_URL: url }), 0, ['3 accepted']);
  });
});

describe('is held', () => {
  /** A campaign that stands still: the server took nobody. */
  async function begun() {
    const smtp = await server({ mail: '451 4.3.0 Not now' });
    const here = project({ hello: issue({ sendAt: inHours(-1) }) });
    await sendDue(here, smtp);
    smtp.play({});
    return { smtp, here };
  }

  test('when its issue was made a draft, until it is none', async () => {
    const { smtp, here } = await begun();
    here.write('issues/hello.md', issue({ sendAt: inHours(-1), draft: true }));
    expectTold(await sendDue(here, smtp), 0, [
      'hello to weekly is held: its issue is a draft now.',
      '--cancel',
    ]);
    expect(smtp.accepted()).toEqual([]);
    here.write('issues/hello.md', issue({ sendAt: inHours(-1) }));
    expectTold(await sendDue(here, smtp), 0, ['3 accepted']);
  });

  test('when its issue was deleted, which is a fault', async () => {
    const { smtp, here } = await begun();
    here.write('issues/other.md', issue({}));
    rmSync(`${here.root}/issues/hello.md`);
    expectTold(await sendDue(here, smtp), 1, ['hello to weekly is held: no issue', 'Put it back']);
    expect(smtp.accepted()).toEqual([]);
  });

  test('when a person paused it', async () => {
    const { smtp, here } = await begun();
    await runCommand(here.root, 'status hello --resume');
    await runCommand(here.root, 'status hello --pause');
    expectTold(await sendDue(here, smtp), 0, ['it was paused by hand', '--resume']);
    expect(smtp.accepted()).toEqual([]);
    await runCommand(here.root, 'status hello --resume');
    expectTold(await sendDue(here, smtp), 0, ['3 accepted']);
  });
});

describe('faults', () => {
  test('of one issue are told and stop only that one', async () => {
    const smtp = await server();
    const here = project({
      broken: '---\ntitle: [\n---\nWords.\n',
      lacking: issue({ sendAt: inHours(-1) }, '![Nothing](there.png)'),
      nolist: issue({ sendAt: inHours(-1), list: 'nobody' }),
      skipped: issue({ sendAt: '"2026-03-29 02:30 Europe/Berlin"' }),
      zoneless: issue({ sendAt: '2026-03-29 09:00' }),
      twice1: issue({ slug: 'twice', sendAt: inHours(-1) }),
      twice2: issue({ slug: 'twice', sendAt: inHours(-1) }),
      good: issue({ sendAt: inHours(-1) }),
    });
    const ended = await sendDue(here, smtp);
    expectTold(ended, 1, [
      'issues/broken.md:',
      'issues/lacking.md:5:1',
      'Nothing of lacking was sent.',
      'There is no list "nobody"',
      'clocks in Europe/Berlin are put forward over it',
      '"2026-03-29 09:00" has no time zone',
      'Its slug "twice" is also that of',
    ]);
    expect(campaigns(here)).toEqual([{ slug: 'good', state: 'finished', counts: { accepted: 3 } }]);
  });

  test('a clock that is behind what was sent sends nothing', async () => {
    const smtp = await server();
    const here = project({ hello: issue({ sendAt: inHours(-1) }) });
    await sendDue(here, smtp);
    const database = new DatabaseSync(`${here.root}/.broadsheet/ledger.sqlite`);
    database.prepare('UPDATE campaigns SET created_at = ?').run(Date.now() + HOUR);
    database.close();
    here.write('issues/next.md', issue({ sendAt: inHours(-1) }));
    expectTold(await sendDue(here, smtp), 75, ['The clock of this machine says', 'Set the clock']);
    expect(smtp.accepted()).toHaveLength(3);
  });

  test.each([
    ['send hello --due', 'takes no issue'],
    ['send --due --test', 'takes no --test'],
    ['send --due --list weekly', 'takes no --list'],
    ['send --due --inbox', 'takes no --inbox'],
    ['send --due --until soon', '"soon" is no time'],
  ])('%s', async (line, says) => {
    const here = project({ hello: issue({ sendAt: inHours(-1) }) });
    expectTold(await runCommand(here.root, line, { SMTP_URL: 'smtp://127.0.0.1:9' }), 2, [says]);
    expectNothingDone(here);
  });

  test('without a server', async () => {
    const here = project({ hello: issue({ sendAt: inHours(-1) }) });
    expectTold(await runCommand(here.root, 'send --due'), 78, ['SMTP_URL is not set']);
    expectNothingDone(here);
  });
});

test('--dry-run tells what it would do, as data too, and leaves nothing behind', async () => {
  const here = project({
    hello: issue({ sendAt: inHours(-1) }),
    next: issue({ sendAt: inHours(5) }),
    stale: issue({ sendAt: inHours(-50) }),
  });
  const before = here.names('.');
  const ended = await runCommand(here.root, 'send --due --dry-run --json');
  expectTold(ended, 1, ['hello is due since', 'Next: next at']);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    begin: [{ slug: 'hello' }],
    later: [{ slug: 'next' }],
    late: [{ slug: 'stale' }],
    goOn: [],
    held: [],
    campaigns: [],
  });
  expect(here.names('.')).toEqual(before);
});

test('a draft is never delivered to a list, by hand neither; a test and a rehearsal are', async () => {
  const smtp = await server();
  const here = project({ hello: issue({ draft: true }) });
  const env = { SMTP_URL: smtp.url };
  const ended = await runCommand(here.root, 'send hello --confirm hello', env);
  expectTold(ended, 1, ['issues/hello.md:3 says that "hello" is a draft', 'Take "draft: true" out']);
  expectNothingDone(here);
  expectTold(await runCommand(here.root, 'send hello --confirm hello --inbox', env), 0, ['rehearsal']);
  expectTold(await runCommand(here.root, 'send hello --test', env), 0, ['accepted editor@example.com']);
  expect(smtp.accepted()).toEqual(['editor@example.com']);
});
