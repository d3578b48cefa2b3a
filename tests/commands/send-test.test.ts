import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../support/run-command.ts';
import { seedFolder } from '../support/shared.ts';
import { type TemporaryProject, temporaryProject } from '../support/temporary-project.ts';
import { mailServer } from './mail-server.ts';
import { campaigns, expectTold } from './told.ts';

/** 116 characters, as long as real ones are. */
const LONG =
  'Press notes #2: “Type in Zürich”, a first forme, the new ink, cases and their keepers, and what a letter weighs, now';

const files = {
  'issues/2026-01-old.md': '---\ndate: 2026-01-01\n---\n# Old',
  'issues/hello/index.md': `---
title: "${LONG}"
description: What the type founder said, and *why* the ink was late.
date: 2026-02-02
slug: hello
---
Dear {{subscriber.name | "reader"}}, you have {{subscriber.plan | "no plan"}}. Sent to {{subscriber.email}}.

![The press](press.png)
`,
  'issues/hello/press.png': await sharp({
    create: { width: 1800, height: 900, channels: 3, background: '#884422' },
  })
    .png()
    .toBuffer(),
  'subscribers/staff.csv': 'email,name\nedna@example.com,Edna\nEDNA@example.com,Again\nflo@example.com,Flo\n',
  'subscribers/weekly.csv': 'email,name,plan\nada@example.com,Ada,the pro plan\nbob@example.com,,\n',
};

/** The kept messages, parsed by a parser that is not ours. */
async function inbox({ root, names }: TemporaryProject) {
  const mails = names('.broadsheet/inbox').map((name) =>
    PostalMime.parse(readFileSync(join(root, '.broadsheet/inbox', name)), {
      attachmentEncoding: 'arraybuffer',
    }),
  );
  return (await Promise.all(mails)).sort((one, other) => (to(one) < to(other) ? -1 : 1));
}

function to(mail: Awaited<ReturnType<typeof PostalMime.parse>>): string {
  return mail.to?.[0]?.address ?? '';
}

describe('without any configuration of mail', () => {
  test('the newest issue goes to staff, into the inbox, and says how to send real mail', async () => {
    const project = temporaryProject(files);
    const ended = await runCommand(project.root, 'send --test');
    expectTold(ended, 0, [
      'accepted edna@example.com',
      'accepted flo@example.com',
      'No real mail was sent',
      '.broadsheet/inbox/',
      'npm run preview',
      'SMTP_URL=smtp://user:password@smtp.example.com:587',
    ]);
    expect(ended.stdout).toBe('');
    const mails = await inbox(project);
    expect(mails.map(to)).toEqual(['edna@example.com', 'flo@example.com']);
    const [mail] = mails;
    expect([...LONG]).toHaveLength(116);
    expect(mail!.subject).toBe(`[TEST] ${LONG}`);
    expect(mail!.text).toContain('Dear Edna, you have no plan. Sent to edna@example.com.');
    // A test writes no campaign: there is not even a ledger.
    expect(project.names('.broadsheet')).toEqual(['inbox']);
  });

  test('the picture travels with the message, and the page shows that very part', async () => {
    const project = temporaryProject(files);
    await runCommand(project.root, 'send --test hello --to me@example.com');
    const [mail] = await inbox(project);
    const [picture, ...others] = mail!.attachments;
    expect(others).toEqual([]);
    const cid = picture!.contentId!.replace(/[<>]/g, '');
    expect(mail!.html).toContain(`src="cid:${cid}"`);
    const { width, format } = await sharp(Buffer.from(picture!.content as ArrayBuffer)).metadata();
    expect(format).toMatch(/png|jpeg/);
    // At most twice the column, which is as sharp as a good screen can show.
    expect(width).toBeLessThanOrEqual(1200);
    expect(width).toBeGreaterThanOrEqual(1000);
  });

  test('an issue outside the project is sent by its path', async () => {
    const other = temporaryProject({
      'letter/index.md': '# From elsewhere\n\n![](p.png)',
      'letter/p.png': files['issues/hello/press.png'],
    });
    const project = temporaryProject(files);
    const ended = await runCommand(project.root, ['send', join(other.root, 'letter'), '--test']);
    expectTold(ended, 0, ['accepted flo@example.com', 'p.png has no alternative text']);
    const [mail] = await inbox(project);
    expect(mail!.subject).toBe('[TEST] From elsewhere');
    expect(mail!.attachments).toHaveLength(1);
  });

  test('so is the issue that all began with', async () => {
    // Only where it stands beside the checkout; else the test above has said it.
    const folder = seedFolder ?? 'hello';
    const project = temporaryProject(files);
    expectTold(await runCommand(project.root, ['send', folder, '--test', '--to', 'me@example.com']), 0, [
      'accepted',
    ]);
    const [mail] = await inbox(project);
    expect(mail!.subject?.length).toBe('[TEST] '.length + 116);
    expect(mail!.attachments).toHaveLength(1);
    expect(mail!.html).toContain('src="cid:');
  });
});

describe('readers', () => {
  test('--to names other addresses than the staff', async () => {
    const project = temporaryProject(files);
    const line = 'send hello --test --to me@example.com you@bücher.example';
    expectTold(await runCommand(project.root, line), 0, ['to 2 addresses']);
    const mails = await inbox(project);
    expect(mails.map(to)).toEqual(['me@example.com', 'you@xn--bcher-kva.example']);
    expect(mails[0]!.text).toContain('Dear reader, you have no plan.');
  });

  test('--as shows what that subscriber will read, to staff', async () => {
    const project = temporaryProject(files);
    expectTold(await runCommand(project.root, 'send hello --test --as ADA@example.com'), 0, []);
    const mails = await inbox(project);
    expect(mails.map(to)).toEqual(['edna@example.com', 'flo@example.com']);
    for (const mail of mails) expect(mail.text).toContain('Dear Ada, you have the pro plan.');
  });

  test('--to and --as without --test are refused', async () => {
    const project = temporaryProject(files);
    for (const line of ['send hello --to me@example.com', 'send hello --as ada@example.com'])
      expectTold(await runCommand(project.root, line), 2, ['--to and --as belong to --test.']);
  });

  test('a name that would break a header is rejected, and the others get theirs', async () => {
    const staff = 'email,name\nedna@example.com,Ed\u2028na\nflo@example.com,Flo\n';
    const project = temporaryProject({ ...files, 'subscribers/staff.csv': staff });
    const ended = await runCommand(project.root, 'send hello --test');
    expectTold(ended, 3, [
      'rejected edna@example.com',
      'line break or a control character',
      'accepted flo@example.com',
    ]);
    expect((await inbox(project)).map(to)).toEqual(['flo@example.com']);
  });
});

describe('through a server of your own', () => {
  test('a test goes there and nowhere else; one refused address stops no other', async () => {
    const server = await mailServer({ reject: ['edna@example.com'] });
    const project = temporaryProject(files);
    const ended = await runCommand(project.root, 'send hello --test', { SMTP_URL: server.url });
    expectTold(ended, 3, [
      'rejected edna@example.com',
      '550 5.1.1 No such user here',
      'accepted flo@example.com',
    ]);
    expect(ended.stderr).not.toContain('inbox');
    expect(server.accepted.map((mail) => mail.to)).toEqual(['flo@example.com']);
    expect(project.names('.broadsheet')).toEqual([]);
  });

  test('--inbox keeps it on this machine all the same', async () => {
    const server = await mailServer();
    const project = temporaryProject(files);
    expectTold(await runCommand(project.root, 'send hello --test --inbox', { SMTP_URL: server.url }), 0, [
      'No real mail',
    ]);
    expect(server.accepted).toEqual([]);
    expect(await inbox(project)).toHaveLength(2);
  });

  test('a campaign that is there stays as it is', async () => {
    const server = await mailServer();
    const project = temporaryProject(files);
    const env = { SMTP_URL: server.url };
    expectTold(await runCommand(project.root, 'send hello --confirm hello', env), 0, ['2 accepted']);
    const before = [campaigns(project), project.read('.broadsheet/ledger.sqlite')];
    expectTold(await runCommand(project.root, 'send hello --test', env), 0, []);
    expect([campaigns(project), project.read('.broadsheet/ledger.sqlite')]).toEqual(before);
    expect(server.accepted).toHaveLength(4);
  });
});

test('--json: one line a person can pipe, and nothing else on standard output', async () => {
  const ended = await runCommand(temporaryProject(files).root, 'send hello --test --json');
  expect(JSON.parse(ended.stdout)).toEqual(
    ['edna@example.com', 'flo@example.com'].map((address) => ({
      to: address,
      outcome: 'accepted',
      cause: null,
      reply: expect.stringMatching(/^250 /),
      messageId: expect.stringMatching(/^<.+@example\.com>$/),
    })),
  );
});

test('a test carries its pictures with it: nothing of an issue that nobody has yet is on the web', async () => {
  const server = await mailServer();
  const red = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#a00' } })
    .png()
    .toBuffer();
  const project = temporaryProject(
    { 'issues/a.md': '---\ntitle: A\n---\n![Red](red.png)\n', 'issues/red.png': red },
    { publicUrl: 'https://letters.example.com' },
  );
  const env = { SMTP_URL: server.url, LINK_SECRET: 'a-secret-of-the-tests-long-enough' };
  expectTold(await runCommand(project.root, 'send a --test', env), 0, ['accepted']);
  const { content } = server.accepted[0]!;
  const [, cid] = /^Content-ID: <(red-[0-9a-f]+\.png@images)>/m.exec(content)!;
  expect(content.replace(/=\r\n/g, '')).toContain(`src=3D"cid:${cid}"`);
  expect(content).not.toContain('letters.example.com/images/');
  // What readers get is on the web, from the moment when it is sent.
  server.accepted.length = 0;
  expectTold(await runCommand(project.root, 'send a --confirm a', env), 0, ['1 accepted']);
  expect(server.accepted[0]!.content.replace(/=\r\n/g, '')).toContain(
    'src=3D"https://letters.example.com/images/red-',
  );
});
