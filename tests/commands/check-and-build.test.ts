import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { openApp } from '../../src/app.ts';
import check from '../../src/commands/check.ts';
import { loadConfig } from '../../src/config.ts';
import { openTerminal } from '../../src/terminal.ts';
import { runCommand } from '../support/run-command.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { expectTold } from './told.ts';

const LETTER = `---
title: The type of the press
description: What the type founder said, and why the ink was late this month.
date: 2026-02-02
---

## Ink

It came [from the mill](https://mill.example.com/).

## Type

It is still warm.
`;
const CONFIG = { publicUrl: 'https://mail.example.com' };

describe('check', () => {
  test('a good issue has nothing to mend', async () => {
    const { root } = temporaryProject({ 'issues/a.md': LETTER }, CONFIG);
    const ended = await runCommand(root, 'check --strict');
    expectTold(ended, 0, ['1 issue, 2 lists: nothing to mend']);
    expect(ended.stdout).toBe('');
  });

  const warned = { 'issues/a.md': LETTER.replace('from the mill', 'here') };
  const broken = { 'issues/a.md': LETTER.replace('https://mill.example.com/', 'http://localhost:3000/') };
  test.concurrent.each([
    ['a warning', warned, 'check', 0],
    ['a warning with --strict', warned, 'check --strict', 1],
    ['an error', broken, 'check', 1],
    ['an error in another issue', { 'issues/a.md': LETTER, 'issues/b.md': '' }, 'check a', 0],
    ['an error in the issue named by its path', broken, 'check issues/a.md', 1],
  ])('%s: exit code', async (_what, files, line, code) => {
    expectTold(await runCommand(temporaryProject(files, CONFIG).root, line), code, []);
  });

  test('shows the line and points at the column', async () => {
    const { stderr } = await runCommand(temporaryProject(broken, CONFIG).root, 'check');
    expect(stderr).toContain(
      [
        'issues/a.md:9:9 error Readers cannot reach localhost:3000. (link-private)',
        '  9 | It came [from the mill](http://localhost:3000/).',
        '              ^',
        '  Write the public address.',
        '1 issue, 2 lists: 1 error',
      ].join('\n'),
    );
  });

  test('is silent about what is silenced, but never about errors', async () => {
    const text = LETTER.replace('from the mill', 'here').replace(
      'date:',
      'silence: [link-generic, link-private]\ndate:',
    );
    const { root, write } = temporaryProject({ 'issues/a.md': text }, CONFIG);
    expectTold(await runCommand(root, 'check --strict'), 0, ['nothing to mend']);
    write('issues/a.md', text.replace('https://mill.example.com', 'http://localhost'));
    const ended = await runCommand(root, 'check');
    expectTold(ended, 1, ['link-private', ': 1 error\n']);
  });

  test('looks at the configuration, and at lists that no issue uses', async () => {
    const list = 'email\nnobody\n';
    const { root } = temporaryProject(
      { 'issues/a.md': LETTER, 'subscribers/other.csv': list },
      { postalAddress: null, brand: { muted: '#dddddd' } },
    );
    expectTold(await runCommand(root, 'check'), 1, [
      'newsletter.config.ts:1:1 warning There is no "postalAddress".',
      'brand.muted #dddddd on #ffffff has a contrast of 1.4:1',
      'newsletter.config.ts:1:1 advice There is no "publicUrl"',
      'subscribers/other.csv:2:1 error',
      '3 lists',
    ]);
    expectTold(await runCommand(root, 'check a'), 0, ['1 issue, 1 list:']);
  });

  test('shows no row of a list: it holds more of a reader than the address', async () => {
    const list = 'email,name,diagnosis\nnobody,Nobody,gout\n';
    const { root } = temporaryProject({ 'subscribers/weekly.csv': list });
    const { stdout, stderr } = await runCommand(root, 'check');
    expect(stderr).toContain('subscribers/weekly.csv:2:1');
    expect(stdout + stderr).not.toContain('gout');
  });

  test('a fault of a template is told once, however many issues use it', async () => {
    const files = {
      'issues/a.md': LETTER,
      'issues/b.md': LETTER,
      'templates/newsletter.mjml': '<mjml>\n<mj-body>\n<mj-x>\n</mj-x>\n</mj-body>\n</mjml>\n',
    };
    const ended = await runCommand(temporaryProject(files, CONFIG).root, 'check --json');
    expect(JSON.parse(ended.stdout)).toMatchObject([
      { rule: 'template', path: 'templates/newsletter.mjml', line: 3 },
    ]);
  });

  test('--json prints the findings and nothing else', async () => {
    const ended = await runCommand(temporaryProject(broken, CONFIG).root, 'check --json', {
      GITHUB_ACTIONS: 'true',
    });
    expectTold(ended, 1, []);
    expect(JSON.parse(ended.stdout)).toEqual([
      {
        rule: 'link-private',
        severity: 'error',
        path: 'issues/a.md',
        line: 9,
        column: 9,
        message: 'Readers cannot reach localhost:3000.',
        hint: 'Write the public address.',
        docs: 'README.md#rule-link-private',
      },
    ]);
  });

  test('--links asks the web, and never this machine or its neighbours', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url!);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const links = `[from the mill](https://mill.invalid/), [again](https://mill.invalid/#ink), [in](http://127.0.0.1:${port}/)`;
    const text = LETTER.replace('[from the mill](https://mill.example.com/)', links);
    const { root, write } = temporaryProject({ 'issues/a.md': text }, CONFIG);
    const ended = await runCommand(root, 'check --links');
    expectTold(ended, 1, [
      'Addresses on the web: 0 of 1 work\n',
      /a\.md:9:9 warning https:\/\/mill\.invalid\/ gives readers no page: cannot be reached/,
      /a\.md:9:49 warning https:\/\/mill\.invalid\/ gives/,
      'Readers cannot reach 127.0.0.1',
    ]);
    write('issues/a.md', text.replace('date:', 'silence: [link-broken]\ndate:'));
    expect((await runCommand(root, 'check --links --json')).stdout).not.toContain('link-broken');
    expect((await runCommand(root, 'check --json')).stdout).not.toContain('link-broken');
    server.close();
    expect(asked).toEqual([]);
  });

  test('tells of HTML and a template beyond what mail programs support, unless it is silenced', async () => {
    const text = LETTER.replace('It is', '<span style="text-shadow: 1px 1px #333333">It</span> is');
    const { root, read, write } = temporaryProject({ 'issues/a.md': text }, CONFIG);
    expectTold(await runCommand(root, 'check'), 0, [
      /issues\/a\.md:13:14 advice text-shadow is not supported by .*, so it is left out\. \(client-support\)/,
    ]);
    write('issues/a.md', text.replace('date:', 'silence: [client-support]\ndate:'));
    expectTold(await runCommand(root, 'check'), 0, ['nothing to mend']);
    // A template is every issue's: one cannot silence it.
    write('templates/newsletter.css', `${read('templates/newsletter.css')}\np { transform: rotate(2deg) }\n`);
    expectTold(await runCommand(root, 'check'), 0, [
      /templates\/newsletter\.css:\d+:5 advice transform is not supported by .*\(client-support\)/,
    ]);
  });

  test('interrupted tells what it found, and that it is not all', async () => {
    const { root } = temporaryProject({ 'issues/a.md': LETTER }, { ...CONFIG, postalAddress: null });
    const loaded = await loadConfig(root);
    if ('findings' in loaded) throw new Error('the configuration is not read');
    const told: string[] = [];
    const tell = (text: string) => void told.push(text);
    const terminal = {
      ...openTerminal({ quiet: false, input: false }),
      paint: (_style: string, text: string) => text,
      say: tell,
      insist: tell,
    };
    const context = { app: openApp(loaded.config), terminal, signal: AbortSignal.abort() };
    expect(await check(context, { issues: [], links: true })).toBe(130);
    expect(told.join('\n')).toMatch(/postalAddress[\s\S]*Interrupted: not everything was looked at\.$/);
  });

  test('annotates under GitHub Actions, and an author cannot give a command of his own', async () => {
    const text = LETTER.replace(
      '[from the mill](https://mill.example.com/)',
      '[100%\n::error::no](http://localhost/)\n\n{{subscriber.plan}}',
    );
    const { root } = temporaryProject({ 'issues/a.md': text }, CONFIG);
    const { stdout, code } = await runCommand(root, 'check', { GITHUB_ACTIONS: 'true' });
    const lines = stdout.trim().split('\n');
    expect(lines).toContain(
      '::error file=issues/a.md,line=9,col=9,title=link-private::Readers cannot reach localhost. Write the public address.',
    );
    for (const line of lines)
      expect(line).toMatch(/^::(error|warning|notice) file=[^,]+,line=\d+,col=\d+,title=[a-z-]+::/);
    expect(code).toBe(1);
  });
});

describe('colour and quiet', () => {
  const files = { 'issues/a.md': LETTER.replace('from the mill', 'here') };
  const ESCAPE = '\u001b[';

  test.concurrent.each([
    ['none in a pipe', {}, false],
    ['FORCE_COLOR', { FORCE_COLOR: '1' }, true],
    ['NO_COLOR', { NO_COLOR: '1' }, false],
    ['TERM=dumb', { TERM: 'dumb' }, false],
  ])('%s', async (_what, env: Record<string, string>, coloured) => {
    const { stderr } = await runCommand(temporaryProject(files, CONFIG).root, 'check', env);
    expect(stderr).toContain('link-generic');
    expect(stderr.includes(ESCAPE)).toBe(coloured);
  });

  test('an author cannot drive the terminal', async () => {
    const text = LETTER.replace(
      'https://mill',
      'http://localhost/) \u001b]0;owned\u0007\u001b[2J [x](https://mill',
    );
    const { stderr, stdout } = await runCommand(temporaryProject({ 'issues/a.md': text }).root, 'check');
    expect(stderr).toContain('issues/a.md');
    expect(stderr + stdout).not.toMatch(/[\u001b\u0007]/);
  });

  test('--quiet leaves errors only', async () => {
    const { root } = temporaryProject({ ...files, 'issues/b.md': '' }, CONFIG);
    const { stderr, stdout, code } = await runCommand(root, 'check -q');
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toContain('issues/b.md:1:1 error');
    expect(stderr).not.toContain('warning');
  });
});

describe('build', () => {
  test('writes the three files, the same bytes each time', async () => {
    const { root, read, names } = temporaryProject({ 'issues/a.md': LETTER }, CONFIG);
    const ended = await runCommand(root, 'build a');
    expectTold(ended, 0, []);
    expect(
      ended.stdout
        .split('\n')
        .filter(Boolean)
        .map((path) => path.slice(root.length)),
    ).toEqual(['/dist/a.html', '/dist/a.txt', '/dist/a.eml']);
    const mail = await PostalMime.parse(read('dist/a.eml'));
    expect(mail.subject).toContain('The type of the press');
    expect(mail.html).toContain('https://mill.example.com/');
    expect(read('dist/a.html')).toContain('<h2');
    expect(read('dist/a.txt')).toContain('It is still warm.');
    const again = await runCommand(root, 'build a --out other --json');
    expect(JSON.parse(again.stdout)).toMatchObject({ slug: 'a', files: ['a.html', 'a.txt', 'a.eml'] });
    for (const name of names('dist')) expect(read(`other/${name}`), name).toBe(read(`dist/${name}`));
  });

  test('builds nothing of an issue with errors', async () => {
    const { root, names } = temporaryProject({ 'issues/a.md': '# A\n\n![A](none.png)' });
    expectTold(await runCommand(root, 'build a'), 1, [
      'issues/a.md:3:1 error The image "none.png" cannot be shown: there is no such file.',
      'Nothing was built.',
    ]);
    expect(names('dist')).toEqual([]);
  });
});
