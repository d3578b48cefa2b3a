import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openProject } from '../../src/project.ts';
import { seedFolder } from '../support/shared.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A newsletter in a folder of its own: text by path. */
function project(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'broadsheet-project-'));
  made.push(root);
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  return openProject(root);
}
function write(root: string, path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const files = {
  'issues/june.md': '---\ndate: 2026-06-01\n---\n# June',
  'issues/july/index.md': '---\ndate: 2026-07-01\nslug: summer\n---\n# July',
  'issues/july/sea.png': 'png',
  'issues/2025/may.markdown': '---\ndate: 2025-05-01\ndraft: true\n---\n# May',
  'issues/2026-08-broken.md': '---\ntitle: [\n---\n# x',
  'issues/.hidden.md': '# no',
  'templates/newsletter.mjml': '<mjml></mjml>',
  'templates/newsletter.css': 'p {}',
  'templates/partials/footer.mjml': 'foot',
  'subscribers/weekly.csv': 'email\n',
  '.env': 'SECRET=1',
};

describe('issues', () => {
  test('are listed newest first, faulty ones and drafts too', async () => {
    const all = await project(files).issues();
    expect(all.map((one) => one.issue?.slug ?? one.path)).toEqual([
      'issues/2026-08-broken.md',
      'summer',
      'june',
      'may',
    ]);
  });

  test.each(['summer', 'july', 'issues/july', 'issues/july/index.md', './issues/../issues/july/'])(
    '%s is found',
    async (name) => {
      expect(await project(files).findIssue(name)).toMatchObject({
        issue: { title: 'July', folder: 'issues/july' },
        path: 'issues/july/index.md',
      });
    },
  );

  test('an issue outside the project is found by its path', async () => {
    const other = project({ 'x/index.md': '# Elsewhere' });
    const found = await project(files).findIssue(join(other.root, 'x'));
    expect(found).toMatchObject({
      issue: { title: 'Elsewhere', slug: 'x' },
      path: expect.stringMatching(/^\.\.\//),
    });
    if (seedFolder)
      expect((await project({}).findIssue(seedFolder)).issue?.slug).toBe('ebpf-updates-2020-12');
  });

  test.each([
    ['sumer', 'no-issue', 'summer'],
    ['issues/2025', 'no-issue', 'index.md'],
    ['issues/july/sea.png', 'no-issue', 'Markdown'],
    ['\0', 'no-issue', 'june'],
  ])('%j is no issue', async (name, rule, hint) => {
    const { issue, findings } = await project(files).findIssue(name);
    expect(issue).toBeNull();
    expect(findings).toMatchObject([{ rule, severity: 'error', hint: expect.stringContaining(hint) }]);
  });

  test('two with one slug are refused, each where it says so', async () => {
    const two = project({ 'issues/a.md': '---\nslug: c\n---\n# A', 'issues/b/c.md': '# C' });
    const both = [
      { path: 'issues/b/c.md', line: 1, message: expect.stringContaining('issues/a.md') },
      { path: 'issues/a.md', line: 2, message: expect.stringContaining('issues/b/c.md') },
    ];
    expect(await two.findIssue('c')).toMatchObject({ issue: null, findings: both });
    expect(await two.findIssue('issues/a.md')).toMatchObject({ issue: null, findings: [both[1]] });
    expect((await two.issues()).flatMap((one) => one.findings)).toMatchObject(both);
  });

  test('two of one file name go by their own names only', async () => {
    const two = project({
      'issues/a/x.md': '---\nslug: one\n---\n# A',
      'issues/b/x.md': '---\nslug: two\n---\n# B',
    });
    expect((await two.findIssue('x')).issue).toBeNull();
    expect((await two.findIssue('x')).findings[0]!.hint).toContain('two, one');
    expect((await two.findIssue('two')).path).toBe('issues/b/x.md');
  });

  test('an empty project has none', async () => {
    expect(await project({}).issues()).toEqual([]);
    expect((await project({}).findIssue('x')).findings).toHaveLength(1);
  });
});

test('templates come with their partials and stylesheet', async () => {
  const { template } = project(files);
  expect(await template('newsletter')).toEqual({
    name: 'newsletter',
    path: 'templates/newsletter.mjml',
    source: '<mjml></mjml>',
    css: 'p {}',
    partials: { footer: { path: 'templates/partials/footer.mjml', source: 'foot' } },
  });
  for (const name of ['other', '../templates/newsletter', 'partials/footer'])
    expect(await template(name)).toMatchObject({ findings: [{ hint: 'There are: newsletter.' }] });
});

test('lists are streamed by name', async () => {
  const { list, lists } = project(files);
  expect(await lists()).toEqual(['weekly']);
  const found = await list('weekly');
  if ('findings' in found) throw new Error('not found');
  expect(Buffer.concat(await Array.fromAsync(found.chunks())).toString()).toBe('email\n');
  expect(await list('../subscribers/weekly')).toMatchObject({ findings: [{ rule: 'no-list' }] });
});

test('assets come from the issue and the project, nowhere else', async () => {
  const { root, findIssue, assetReader } = project(files);
  const outside = project({ 'secret.png': 'x', 'issues/.keep': '' }).root;
  symlinkSync(join(outside, 'secret.png'), join(root, 'issues/july/link.png'));
  symlinkSync(outside, join(root, 'issues/july/linked'));
  write(root, 'issues/july/big.png', '');
  truncateSync(join(root, 'issues/july/big.png'), 26 * 1024 * 1024);
  const read = assetReader((await findIssue('summer')).issue!);
  expect(String(await read('issues/july/sea.png'))).toBe('png');
  expect(String(await read('templates/newsletter.css'))).toBe('p {}');
  expect(await read('issues/july/none.png')).toBeNull();
  const refused = [
    ['issues/july/link.png', 'outside'],
    ['issues/july/linked/secret.png', 'outside'],
    [`issues/july/../../../${outside.split('/').at(-1)}/secret.png`, 'outside'],
    ['/etc/passwd', 'outside'],
    ['.env', 'hidden'],
    ['issues/july', 'no file'],
    ['issues/july/big.png', '25 MB'],
    ['issues/july/sea.png\0.txt', 'NUL'],
  ] as const;
  for (const [path, why] of refused)
    expect(await read(path), path).toEqual({ refused: expect.stringContaining(why) });
});

describe('watch', () => {
  /** Each call waits for the next report that names the path. */
  function watching(root: string) {
    let heard = (_paths: string[]) => {};
    const watcher = openProject(root).watch((paths) => heard(paths));
    const heardAfter = (path: string, act: () => void) =>
      new Promise<void>((resolve) => {
        heard = (paths) => paths.includes(path) && resolve();
        act();
      });
    return { heardAfter, close: watcher.close };
  }

  test('hears every save, in place or by renaming, and folders made later', async () => {
    const { root } = project(files);
    const { heardAfter, close } = watching(root);
    const inPlace = (path: string) => heardAfter(path, () => write(root, path, `# ${Math.random()}`));
    const byRename = (path: string) =>
      heardAfter(path, () => {
        write(root, `${dirname(path)}/.save.tmp`, '# x');
        renameSync(join(root, dirname(path), '.save.tmp'), join(root, path));
      });
    for (const path of ['issues/june.md', 'issues/july/index.md', 'templates/partials/footer.mjml']) {
      await byRename(path);
      await byRename(path);
      await inPlace(path);
    }
    await heardAfter('issues/new', () => mkdirSync(join(root, 'issues/new')));
    await inPlace('issues/new/index.md');
    await byRename('newsletter.config.ts');
    await heardAfter('issues/new', () => rmSync(join(root, 'issues/new'), { recursive: true }));
    await heardAfter('issues/new', () => mkdirSync(join(root, 'issues/new')));
    await byRename('issues/new/index.md');
    close();
  });

  test('a folder that was not there at the start is watched once it is', async () => {
    const { root } = project({});
    const { heardAfter, close } = watching(root);
    await heardAfter('issues', () => mkdirSync(join(root, 'issues')));
    await heardAfter('issues/a.md', () => write(root, 'issues/a.md', '# A'));
    close();
  });
});
