import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { campaigns, expectNothingDone, expectTold } from './told.ts';

const files = {
  'issues/hello.md':
    '---\ntitle: Hello {{subscriber.name | "reader"}}\ndate: 2026-02-02\n---\nWords for {{subscriber.name | "you"}}.\n',
  'subscribers/weekly.csv':
    'email,name\nada@example.com,Ada\nbob@example.com,\nADA@example.com,Twice\ncy@example.com,Cy\n',
};
const LINE = 'send hello --confirm hello';

test('the plan is shown, everybody gets one, and a second run finds nothing to do', async () => {
  const server = await mailServer();
  const project = temporaryProject(files, { limits: { perSecond: 50, connections: 2 } });
  const env = { SMTP_URL: server.url };
  const first = await runCommand(project.root, LINE, env);
  expectTold(first, 0, [
    /subject +Hello Ada\n/,
    /from +The Broadside <news@example\.com>\n/,
    /list +weekly\n/,
    /recipients +3\n/,
    '1 not: on the list twice',
    'your mail server, 50/s, 2 connections',
    /takes +about \d+ s/,
    'finished: 3 accepted',
  ]);
  const everybody = ['ada@example.com', 'bob@example.com', 'cy@example.com'];
  expect(server.accepted.map(({ to }) => to).sort()).toEqual(everybody);
  expect(campaigns(project)).toEqual([{ slug: 'hello', state: 'finished', counts: { accepted: 3 } }]);
  const second = await runCommand(project.root, LINE, env);
  expectTold(second, 0, ['Everybody on this list has had this issue.']);
  expect(server.accepted).toHaveLength(3);

  // Who has joined since gets it, and nobody else.
  project.write('subscribers/weekly.csv', `${files['subscribers/weekly.csv']}dee@example.com,Dee\n`);
  expectTold(await runCommand(project.root, LINE, env), 0, [/recipients +1, 3 more are already recorded/]);
  expect(server.accepted.map(({ to }) => to).sort()).toEqual([...everybody, 'dee@example.com']);
});

describe('nothing is sent', () => {
  const cases: [string, string, number, string[]][] = [
    [
      'when another slug is confirmed',
      'send hello --confirm hallo',
      2,
      ['--confirm hallo does not name this issue.', 'hello'],
    ],
    ['when nobody is there to confirm', 'send hello', 2, ['Add --confirm hello']],
    ['when nobody shall be asked', 'send hello --no-input', 2, ['Add --confirm hello']],
    ['when no issue is named', 'send', 2, ['Which issue is to be sent?', '--test']],
    ['when --until is no time', 'send hello --confirm hello --until soon', 2, ['"soon" is no time', '30m']],
    ['by --dry-run, which shows the plan', 'send hello --dry-run', 0, ['recipients']],
  ];
  test.concurrent.each(cases)('%s', async (_what, line, code, says) => {
    const project = temporaryProject(files);
    expectTold(await runCommand(project.root, line, { SMTP_URL: 'smtp://127.0.0.1:9' }), code, says);
    expectNothingDone(project);
  });
});

test('--dry-run leaves nothing behind, not even an empty ledger', async () => {
  const project = temporaryProject(files);
  const before = project.names('.');
  const ended = await runCommand(project.root, 'send hello --dry-run --json');
  expectTold(ended, 0, []);
  expect(project.names('.')).toEqual(before);
  expectTold(ended, 0, ['no server yet: SMTP_URL is not set']);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    slug: 'hello',
    list: 'weekly',
    subject: 'Hello Ada',
    recipients: 3,
    excluded: { duplicate: 1 },
    broken: 0,
  });
});

test('a rehearsal goes into the inbox, as often as you like, and is no campaign', async () => {
  const server = await mailServer();
  const project = temporaryProject(files);
  const env = { SMTP_URL: server.url };
  for (const kept of [3, 6]) {
    expectTold(await runCommand(project.root, `${LINE} --inbox`, env), 0, ['3 accepted', 'rehearsal']);
    expect(project.names('.broadsheet/inbox')).toHaveLength(kept);
  }
  expect(campaigns(project)).toEqual([]);
  expectTold(await runCommand(project.root, 'status'), 0, ['Nothing was ever sent from here.']);
  expectTold(await runCommand(project.root, LINE, env), 0, ['3 accepted']);
  expect(server.accepted).toHaveLength(3);
});

test('errors stop, warnings are shown, advice is only counted', async () => {
  const project = temporaryProject({
    ...files,
    'issues/hello.md': '# Hello\n\nRead it [here](https://news.example.com/).',
  });
  const ended = await runCommand(project.root, 'send hello --dry-run');
  expectTold(ended, 0, [
    'issues/hello.md:3:9 warning "here" says nothing about where this link leads. (link-generic)',
    '3 | Read it [here](https://news.example.com/).',
    'One piece of advice on this issue: npm run check -- hello',
  ]);
  expect(ended.stderr).not.toContain('preheader');
});

describe('status', () => {
  test('of nothing', async () => {
    const { root } = temporaryProject(files);
    expectTold(await runCommand(root, 'status'), 0, ['Nothing was ever sent from here.']);
    expect((await runCommand(root, 'status --json')).stdout).toBe('[]\n');
    expectTold(await runCommand(root, 'status hello'), 1, [
      'No campaign of "hello" was ever begun.',
      'npm run status',
    ]);
    expectTold(await runCommand(root, 'status --pause'), 2, [
      'Which issue?',
      'npm run status -- ISSUE --pause',
    ]);
    expectTold(await runCommand(root, 'status hello --pause --cancel'), 2, ['--pause', '--cancel']);
  });

  test('names who was rejected, with the reply', async () => {
    const server = await mailServer({ reject: ['bob@example.com'] });
    const { root } = temporaryProject(files);
    expectTold(await runCommand(root, LINE, { SMTP_URL: server.url }), 3, ['2 accepted, 1 rejected']);
    const shown = await runCommand(root, 'status');
    expectTold(shown, 0, [
      /^hello to weekly, begun .* UTC: finished\n {2}2 accepted, 1 rejected\n/,
      'rejected bob@example.com  550 5.1.1 No such user here',
    ]);
    const [campaign, ...others] = JSON.parse(
      (await runCommand(root, 'status issues/hello.md --json')).stdout,
    );
    expect(others).toEqual([]);
    expect(campaign).toMatchObject({
      slug: 'hello',
      list: 'weekly',
      state: 'finished',
      counts: { accepted: 2, rejected: 1 },
      troubled: [{ address: 'bob@example.com', state: 'rejected', code: 550 }],
    });
  });

  test.each([
    ['accept', 2, 'counted as accepted'],
    ['resend', 3, 'queued again'],
  ])('--resolve %s decides about the uncertain', async (how, mails, says) => {
    const server = await mailServer({ dropFirst: true });
    const project = temporaryProject(files, { limits: { connections: 1 } });
    const env = { SMTP_URL: server.url };
    expectTold(await runCommand(project.root, LINE, env), 3, ['1 uncertain', 'npm run status -- hello']);
    expectTold(await runCommand(project.root, 'status'), 0, [
      /uncertain (ada|bob|cy)@example\.com/,
      '--resolve resend',
      '--resolve accept',
    ]);
    // Never sent again by itself.
    await runCommand(project.root, LINE, env);
    expect(server.accepted).toHaveLength(2);
    expectTold(await runCommand(project.root, `status hello --resolve ${how}`), 0, [`1 uncertain ${says}`]);
    expectTold(await runCommand(project.root, LINE, env), 0, []);
    expect(server.accepted).toHaveLength(mails);
    expect(campaigns(project)).toEqual([{ slug: 'hello', state: 'finished', counts: { accepted: 3 } }]);
  });

  test('--pause, --resume and --cancel command a campaign', async () => {
    const server = await mailServer({ refuseLogin: true });
    const project = temporaryProject(files);
    const { root } = project;
    await runCommand(root, LINE, { SMTP_URL: `smtp://u:p@127.0.0.1:${server.port}` });
    expectTold(await runCommand(root, 'status'), 0, [
      'paused (',
      '3 queued',
      'Go on with: npm run send -- hello --list weekly',
    ]);
    expectTold(await runCommand(root, 'status hello --pause'), 0, [
      'hello to weekly is paused: there is nothing to pause.',
    ]);
    expectTold(await runCommand(root, 'status hello --resume'), 0, ['UTC: stopped\n', '3 queued']);
    expectTold(await runCommand(root, 'status hello --pause'), 0, ['UTC: paused (paused by hand)']);
    expectTold(await runCommand(root, 'status hello --cancel'), 0, [
      'UTC: cancelled (cancelled by hand)',
      '3 cancelled',
    ]);
    expectTold(await runCommand(root, 'status hello --resume'), 0, ['there is nothing to resume']);
    const open = await mailServer();
    await runCommand(root, LINE, { SMTP_URL: open.url });
    expect(open.accepted).toEqual([]);
    expect(campaigns(project)).toEqual([{ slug: 'hello', state: 'cancelled', counts: { cancelled: 3 } }]);
  });
});

test('an issue with a megabyte of pictures comes whole from the process that compiles it', async () => {
  const server = await mailServer();
  const noise = { width: 900, height: 600, channels: 3 } as const;
  const picture = await sharp(randomBytes(900 * 600 * 3), { raw: noise })
    .png()
    .toBuffer();
  const project = temporaryProject(
    {
      'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\n![Noise](noise.png)\n\nWords.\n',
      'issues/noise.png': picture,
      'subscribers/weekly.csv': 'email\nada@example.com\n',
    },
    { images: 'embedded' },
  );
  const ended = await runCommand(project.root, LINE, { SMTP_URL: server.url });
  expectTold(ended, 0, ['finished: 1 accepted']);
  expect(server.accepted[0]!.content.length).toBeGreaterThan(picture.length / 4);
});
