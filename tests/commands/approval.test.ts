import { execFileSync } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { type Script, type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { type TemporaryProject, temporaryProject } from '../support/temporary-project.ts';
import { campaigns, expectNothingDone, expectTold } from './told.ts';

const LIVE = 'send hello --confirm hello';
const TEST = 'send hello --test';
const ISSUE = '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords.\n';

async function server(script: Script = {}): Promise<ScriptedServer> {
  const started = await startSmtpServer(script);
  onTestFinished(() => started.close());
  return started;
}

/** A newsletter in which nothing is sent that nobody has seen. */
const careful = (issue = ISSUE, config: object = {}): TemporaryProject =>
  temporaryProject({ 'issues/hello.md': issue }, { approval: 'required', ...config });

test('what was tested is sent; what nobody has seen is not', async () => {
  const smtp = await server();
  const here = careful();
  const run = (line: string) => runCommand(here.root, line, { SMTP_URL: smtp.url });
  expectTold(await run(LIVE), 1, ['Nobody has seen hello yet', '--test hello', '--approve']);
  expect(campaigns(here)).toEqual([]);
  expectTold(await run(TEST), 0, ['accepted editor@example.com', /A receipt is kept: hello as it is now/]);
  expectTold(await run(LIVE), 0, ['1 accepted']);
  expect(smtp.accepted()).toEqual(['editor@example.com', 'ada@example.com']);
});

describe('what was changed since is told, part by part', () => {
  const changes: [string, (here: TemporaryProject) => void, string[], string[]][] = [
    [
      'the subject',
      (here) => here.write('issues/hello.md', ISSUE.replace('Hello', 'Hello {{subscriber.name | "you"}}')),
      ['subject was "Hello", is "Hello {{subscriber.name | \\"you\\"}}"', 'html changed', 'text changed'],
      ['images'],
    ],
    [
      'a word',
      (here) => here.write('issues/hello.md', ISSUE.replace('Words', 'Other words')),
      ['html changed', 'text changed'],
      ['subject', 'list was', 'images'],
    ],
    [
      'the template',
      (here) =>
        here.write(
          'templates/newsletter.mjml',
          here
            .read('templates/newsletter.mjml')
            .replace(
              '</mj-body>',
              '<mj-section><mj-column><mj-text>New</mj-text></mj-column></mj-section></mj-body>',
            ),
        ),
      ['html changed'],
      ['subject', 'text changed'],
    ],
    [
      'the definition of the list',
      (here) =>
        here.write(
          'newsletter.config.ts',
          here.read('newsletter.config.ts').replace('{', '{ lists: { weekly: { title: "Every week" } },'),
        ),
      ['list was', 'Every week'],
      ['subject'],
    ],
    [
      'who writes',
      (here) =>
        here.write('newsletter.config.ts', here.read('newsletter.config.ts').replace('news@', 'letters@')),
      ['from was "The Broadside <news@example.com> ", is "The Broadside <letters@example.com> "'],
      ['subject'],
    ],
  ];
  test.concurrent.each(changes)('%s', async (_what, change, says, notSaid) => {
    const smtp = await startSmtpServer();
    try {
      const here = careful();
      const env = { SMTP_URL: smtp.url, GITHUB_ACTOR: 'edna' };
      await runCommand(here.root, TEST, env);
      change(here);
      const ended = await runCommand(here.root, LIVE, env);
      expectTold(ended, 1, ['hello is not what edna tested on', ...says]);
      const told = ended.stderr.slice(ended.stderr.indexOf('is not what'));
      for (const words of notSaid) expect(told).not.toContain(words);
      expect(campaigns(here)).toEqual([]);
      expectTold(await runCommand(here.root, 'send hello --approve', env), 0, ['A receipt is kept']);
      expectTold(await runCommand(here.root, LIVE, env), 0, ['1 accepted']);
    } finally {
      await smtp.close();
    }
  });
});

test('a picture counts: other bytes under the same name were not seen', async () => {
  const smtp = await server();
  const svg = (colour: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="${colour}"/></svg>`;
  const here = careful('---\ntitle: Hello\ndate: 2026-02-02\n---\nWords.\n\n![A square](square.svg)\n');
  here.write('issues/square.svg', svg('red'));
  const run = (line: string) => runCommand(here.root, line, { SMTP_URL: smtp.url });
  expectTold(await run(TEST), 0, ['A receipt is kept']);
  here.write('issues/square.svg', svg('blue'));
  expectTold(await run(LIVE), 1, ['images changed']);
  // As it was when it was seen, it may be sent, whatever was tried in between.
  here.write('issues/square.svg', svg('red'));
  expectTold(await run(LIVE), 0, ['1 accepted']);
});

test('a receipt names the commit', async () => {
  const smtp = await server();
  const here = careful();
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=E', '-c', 'user.email=e@example.com', ...words], { cwd: here.root })
      .toString()
      .trim();
  git('init', '-q');
  git('add', '.');
  git('commit', '-q', '-m', 'First');
  const commit = git('rev-parse', 'HEAD');
  await runCommand(here.root, TEST, { SMTP_URL: smtp.url });
  here.write('issues/hello.md', ISSUE.replace('Words', 'Others'));
  const ended = await runCommand(here.root, LIVE, { SMTP_URL: smtp.url });
  expectTold(ended, 1, [`at commit ${commit.slice(0, 12)}, so it is not sent`]);
});

describe('no receipt is left', () => {
  test('by a test that the server refused', async () => {
    const smtp = await server({ rcpt: '550 5.1.1 No such user' });
    const here = careful();
    expectTold(await runCommand(here.root, TEST, { SMTP_URL: smtp.url }), 3, ['rejected']);
    smtp.play({});
    expectTold(await runCommand(here.root, LIVE, { SMTP_URL: smtp.url }), 1, ['Nobody has seen hello yet']);
  });

  test('by one into the inbox of this machine, which nobody else reads', async () => {
    const smtp = await server();
    const here = careful();
    expectTold(await runCommand(here.root, TEST), 0, ['No real mail was sent']);
    expectTold(await runCommand(here.root, LIVE, { SMTP_URL: smtp.url }), 1, ['Nobody has seen hello yet']);
    expect(smtp.accepted()).toEqual([]);
  });
});

test('under CI it is the default, and --due asks for it too; a configuration may say none', async () => {
  const smtp = await server();
  const due = `---\ntitle: Hello\nsendAt: ${new Date(Date.now() - 60_000).toISOString()}\n---\nWords.\n`;
  const env = { SMTP_URL: smtp.url, CI: 'true', LEDGER: 'file' };
  const here = temporaryProject({ 'issues/hello.md': due });
  expectTold(await runCommand(here.root, 'send --due', env), 1, ['Nobody has seen hello yet']);
  expectNothingDone(here);
  expectTold(await runCommand(here.root, TEST, env), 0, ['A receipt is kept']);
  expectTold(await runCommand(here.root, 'send --due', env), 0, ['1 accepted']);
  const trusting = temporaryProject({ 'issues/hello.md': due }, { approval: 'none' });
  expectTold(await runCommand(trusting.root, 'send --due', env), 0, ['1 accepted']);
});

test('an issue edited after its campaign began goes on as it was recorded', async () => {
  const smtp = await server({ mail: '451 4.3.0 Not now' });
  const here = careful();
  const env = { SMTP_URL: smtp.url };
  expectTold(await runCommand(here.root, 'send hello --approve', env), 0, ['A receipt is kept']);
  expectTold(await runCommand(here.root, LIVE, env), 75, ['The mail server fails']);
  smtp.play({});
  here.write('issues/hello.md', ISSUE.replace('Words', 'Others'));
  expectTold(await runCommand(here.root, LIVE, env), 0, ['the email that was recorded', '1 accepted']);
  expect(smtp.received[0]?.content).toContain('Words.');
});
