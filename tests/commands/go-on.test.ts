import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startPreview } from '../preview/start-preview.ts';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';

const ISSUE = '---\ntitle: The letter\ndate: 2026-01-02\n---\n\nHello.\n';
const LIST = `email,name\n${Array.from({ length: 6 }, (_, index) => `reader${index}@example.com,R`).join('\n')}\n`;

/** A campaign of six of whom two were accepted, paused by hand. */
async function paused() {
  const project = temporaryProject(
    { 'issues/letter.md': ISSUE, 'subscribers/weekly.csv': LIST },
    { limits: { connections: 1 } },
  );
  const env: Record<string, string> = {};
  const server = await startSmtpServer({
    rcpt: async (address) => {
      // The third reader is told to come again, and the campaign is paused before they do.
      if (address !== 'reader2@example.com') return '250 ok';
      await runCommand(project.root, 'status letter --pause', env);
      return '451 later';
    },
  });
  env.SMTP_URL = server.url;
  const first = await runCommand(project.root, 'send letter --confirm letter', env);
  expect(first.code, first.stderr).toBe(75);
  server.play({});
  return { project, env, server };
}

describe('what is under way goes on', () => {
  test.each([
    ['with a fault in the file', 'issues/letter.md', '---\ntitle: "no end\n---\n'],
    ['with a picture that is not there', 'issues/letter.md', `${ISSUE}\n![gone](gone.png)\n`],
    ['with the file gone', 'issues/letter.md', null],
    ['with the list gone', 'subscribers/weekly.csv', null],
  ])('%s', async (_name, path, content) => {
    const { project, env, server } = await paused();
    try {
      const before = server.accepted().length;
      if (content === null) rmSync(join(project.root, path));
      else project.write(path, content);
      const ended = await runCommand(project.root, 'send letter --confirm letter --until 1s', env);
      expect(ended.stderr).toContain('Going on with letter to weekly');
      expect(ended.stderr).toContain(`${before} accepted`);
      // The third is deferred: all others have theirs.
      expect(ended.code, ended.stderr).toBe(75);
      expect(new Set(server.accepted()).size).toBe(5);
      expect(server.accepted()).toHaveLength(5);
    } finally {
      await server.close();
    }
  });

  test('a dry run tells how many are to go, and sends nothing', async () => {
    const { project, env, server } = await paused();
    try {
      const before = server.accepted().length;
      const ended = await runCommand(project.root, 'send letter --dry-run', env);
      expect([ended.code, ended.stderr]).toEqual([0, expect.stringMatching(/to go[\s\S]*Nothing was sent/)]);
      expect(server.accepted()).toHaveLength(before);
    } finally {
      await server.close();
    }
  });
});

test('after a campaign was cancelled, nobody is said to have had what they had not', async () => {
  const { project, env, server } = await paused();
  try {
    await runCommand(project.root, 'status letter --cancel', env);
    const ended = await runCommand(project.root, 'send letter --confirm letter', env);
    expect(ended.stderr).toMatch(/Nobody is left to send it to: \d accepted, \d cancelled/);
    expect(ended.stderr).not.toContain('Everybody');
  } finally {
    await server.close();
  }
});

test('an option that npm took for itself stops everything', async () => {
  const project = temporaryProject({ 'issues/letter.md': ISSUE });
  const server = await startSmtpServer();
  try {
    const env = { SMTP_URL: server.url, npm_config_dry_run: 'true' };
    const ended = await runCommand(project.root, 'send letter --confirm letter', env);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringContaining('npm has taken --dry-run for itself: nothing was done.'),
    ]);
    expect(server.accepted()).toEqual([]);
  } finally {
    await server.close();
  }
});

test('a dry run fails as the send would', async () => {
  const bare = temporaryProject({ 'issues/letter.md': ISSUE }, { postalAddress: null });
  expect(await runCommand(bare.root, 'send letter --dry-run')).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('postalAddress'),
  });
  const unknown = temporaryProject({ 'issues/letter.md': `${ISSUE}\n{{subscriber.nmae}}\n` });
  expect(await runCommand(unknown.root, 'send letter --dry-run')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nmae'),
  });
  const draft = temporaryProject({ 'issues/letter.md': ISSUE.replace('date:', 'draft: true\ndate:') });
  expect(await runCommand(draft.root, 'send letter --dry-run')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('draft'),
  });
});

test('what holds addresses is for this user alone', async () => {
  const project = temporaryProject({ 'issues/letter.md': ISSUE });
  const server = await startSmtpServer();
  try {
    await runCommand(project.root, 'send --test letter');
    await runCommand(project.root, 'send letter --confirm letter', { SMTP_URL: server.url });
  } finally {
    await server.close();
  }
  const mode = (path: string) => (statSync(join(project.root, path)).mode & 0o777).toString(8);
  expect(mode('.broadsheet')).toBe('700');
  expect(mode('.broadsheet/ledger.sqlite')).toBe('600');
  const [letter] = project.names('.broadsheet/inbox').filter((name) => name.endsWith('.eml'));
  expect(mode(`.broadsheet/inbox/${letter}`)).toBe('600');
});

describe('the preview', () => {
  test('says which fields no reader has', async () => {
    const project = temporaryProject({ 'issues/letter.md': `${ISSUE}\n{{subscriber.nmae}}\n` });
    const preview = await startPreview(project.root);
    expect(await (await fetch(`${preview.url}issues/letter`)).text()).toContain(
      'No subscriber has a field &quot;nmae&quot;',
    );
    await preview.end();
  });

  test('follows the configuration, and keeps the last good one', async () => {
    const project = temporaryProject({ 'issues/letter.md': ISSUE });
    const preview = await startPreview(project.root);
    const page = async () => (await fetch(`${preview.url}issues/letter`)).text();
    const source = project.read('newsletter.config.ts');
    project.write('newsletter.config.ts', source.replace('"The Broadside"', '"Another name"'));
    await expect.poll(page, { timeout: 10_000 }).toContain('<p class="name">Another name</p>');
    project.write('newsletter.config.ts', 'export default {');
    project.write('issues/letter.md', ISSUE.replace('Hello.', 'Hello again.'));
    await expect
      .poll(async () => (await fetch(`${preview.url}issues/letter/email.html`)).text(), { timeout: 10_000 })
      .toContain('Hello again.');
    expect(await page()).toContain('Another name');
    await preview.end();
  });

  test('a port that is none is a usage fault', async () => {
    const ended = await runCommand(temporaryProject().root, 'preview --port 99999');
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('65,535')]);
  });
});

test('build writes a page that is whole in a browser', async () => {
  const pixel = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  );
  const project = temporaryProject({
    'issues/letter/index.md': `${ISSUE}\n![A dot](dot.png)\n`,
    'issues/letter/dot.png': pixel,
  });
  expect((await runCommand(project.root, 'build letter')).code).toBe(0);
  const html = project.read('dist/letter.html');
  const picture = /src="(images\/[^"]+)"/.exec(html)![1]!;
  expect(project.names('dist/images')).toContain(picture.replace('images/', ''));
  expect(html).not.toContain('href=""');
  expect(project.read('dist/letter.txt')).toContain('mailto:leave@example.com');
});
