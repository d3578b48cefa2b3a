import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { expectNothingDone, expectTold } from './told.ts';

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const issue = (sendAt: string, more = '') => `---\ntitle: Title\nsendAt: ${sendAt}\n${more}---\nWords.\n`;
const LINE = 'send --test --scheduled';

test('each scheduled issue that nobody has seen as it is now is tested, and no other', async () => {
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  const here = temporaryProject(
    {
      'issues/soon.md': issue(inHours(1)),
      'issues/due.md': issue(inHours(-1)),
      'issues/draft.md': issue(inHours(1), 'draft: true\n'),
      'issues/byhand.md': '---\ntitle: Title\ndate: 2026-01-01\n---\nWords.\n',
    },
    { approval: 'required' },
  );
  const run = (line: string) => runCommand(here.root, line, { SMTP_URL: smtp.url });
  expectTold(await run(LINE), 0, ['A test of due', 'A test of soon']);
  expect(smtp.accepted()).toHaveLength(2);
  expectTold(await run(LINE), 0, ['due was seen as it is now', 'soon was seen as it is now']);
  expect(smtp.accepted()).toHaveLength(2);
  // The template is of both: both are tested again.
  here.write('templates/newsletter.css', `${here.read('templates/newsletter.css')}\np { color: #123456; }\n`);
  expectTold(await run(LINE), 0, ['A test of due', 'A test of soon']);
  expectTold(await run('send --due'), 0, ['finished: 1 accepted']);
  // What was sent needs no test any more.
  here.write('issues/due.md', issue(inHours(-1)).replace('Words', 'Others'));
  const after = await run(LINE);
  expectTold(after, 0, ['soon was seen']);
  expect(after.stderr).not.toContain('due');
});

test('one whose time was over when it was merged is told at its line', async () => {
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  const here = temporaryProject({ 'issues/past.md': issue(inHours(-48)) }, { approval: 'required' });
  expectTold(await runCommand(here.root, LINE, { SMTP_URL: smtp.url }), 1, [
    'issues/past.md:3:1 error It was due at',
  ]);
  expect(smtp.accepted()).toEqual([]);
});

test.each(['send --scheduled', 'send soon --test --scheduled', 'send --test --scheduled --inbox'])(
  '%s is no such thing',
  async (line) => {
    const here = temporaryProject({ 'issues/soon.md': issue(inHours(1)) });
    expectTold(await runCommand(here.root, line), 2, ['--scheduled belongs to --test']);
    expectNothingDone(here);
  },
);
