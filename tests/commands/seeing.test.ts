import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { expectTold } from './told.ts';

const files = {
  'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords for {{subscriber.name | "you"}}.\n',
  'subscribers/weekly.csv':
    'email,name\nada@example.com,Ada Secret\nbob@example.com,Bob\ncy@example.com,Cy\ndee@example.com,Dee\n',
};
const LINE = 'send hello --confirm hello --until 0s';

test('--log adds a line for each settled delivery, and tells nothing of a reader but the address', async () => {
  const server = await startSmtpServer({
    rcpt: (to) =>
      to.startsWith('bob')
        ? '550 5.1.1 no such user'
        : to.startsWith('cy')
          ? '450 4.2.0 greylisted'
          : '250 ok',
    final: (to) => (to.startsWith('dee') ? 'drop' : '250 2.0.0 queued as 4A1'),
  });
  const project = temporaryProject(files, { limits: { connections: 1 } });
  project.write('log.jsonl', '{"before":true}\n');
  const env = { SMTP_URL: server.url };
  const ended = await runCommand(project.root, `${LINE} --log log.jsonl`, env);
  await server.close();
  expectTold(ended, 75, ['1 accepted', '1 rejected', '1 uncertain']);
  const [before, ...lines] = project
    .read('log.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(before, 'what was there stays').toEqual({ before: true });
  const by = (name: string) => lines.find(({ address }) => address === `${name}@example.com`);
  expect(lines).toHaveLength(4);
  expect(by('ada')).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    campaign: expect.stringMatching(/./),
    issue: 'hello',
    list: 'weekly',
    address: 'ada@example.com',
    outcome: 'accepted',
    stage: 'final',
    state: 'accepted',
    tries: 1,
    code: 250,
    enhanced: '2.0.0',
    reply: '2.0.0 queued as 4A1',
    relay: expect.stringContaining('127.0.0.1'),
    messageId: expect.stringMatching(/^<.+@example\.com>$/),
    ms: expect.any(Number),
  });
  expect(server.received.find(({ to }) => to[0] === 'ada@example.com')!.content).toContain(
    by('ada').messageId,
  );
  expect(by('bob')).toMatchObject({
    outcome: 'rejected',
    stage: 'rcpt',
    state: 'rejected',
    code: 550,
    enhanced: '5.1.1',
  });
  expect(by('cy')).toMatchObject({
    outcome: 'deferred',
    cause: 'recipient',
    state: 'queued',
    code: 450,
    due: expect.any(String),
  });
  expect(by('dee')).toMatchObject({ outcome: 'uncertain', state: 'uncertain', code: null });
  expect(project.read('log.jsonl')).not.toContain('Secret');
});

test.each([
  ['send hello --confirm hello --log no/such/log.jsonl', 78, 'no/such/log.jsonl'],
  ['send --test hello --log log.jsonl', 2, '--log belongs to a delivery'],
])('%s is told before anything is sent', async (line, code, says) => {
  const server = await startSmtpServer();
  const project = temporaryProject(files);
  expectTold(await runCommand(project.root, line, { SMTP_URL: server.url }), code, [says]);
  expect(server.received).toEqual([]);
  expect(project.names('.broadsheet')).toEqual([]);
  await server.close();
});

test.runIf(existsSync('/dev/full'))(
  'a log on a full disk is told once, and everybody gets theirs',
  async () => {
    const server = await startSmtpServer();
    const project = temporaryProject(files);
    const ended = await runCommand(project.root, `${LINE} --log /dev/full`, { SMTP_URL: server.url });
    await server.close();
    expectTold(ended, 0, ['finished: 4 accepted', '--log: ', 'the sending goes on']);
    expect(ended.stderr.match(/--log: /g)).toHaveLength(1);
  },
);

test.each([
  ['a certificate that nobody signed', { secure: true }, '', 'NODE_EXTRA_CA_CERTS'],
  [
    'a refused token',
    { extensions: ['AUTH XOAUTH2'], auth: '535 5.7.8 bad token' },
    '?auth=xoauth2',
    'SMTP_OAUTH_',
  ],
  [
    'a refused password',
    { extensions: ['AUTH PLAIN'], auth: '535 5.7.8 no' },
    '',
    'the password and the port',
  ],
])('of %s it is told what to do, and no secret', async (_what, script, more, says) => {
  const server = await startSmtpServer(script);
  const project = temporaryProject(files);
  const env = { SMTP_URL: `${server.url.replace('://', '://ann:hunter22@')}${more}` };
  for (const line of [LINE, 'send --test hello']) {
    const ended = await runCommand(project.root, line, env);
    expectTold(ended, 78, [says]);
    expect(ended.stdout + ended.stderr).not.toContain('hunter22');
  }
  await server.close();
});
