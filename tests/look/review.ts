import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from '../../src/finding.ts';
import { read } from '../email/sample.ts';
import { openChromium } from '../support/chromium.ts';
import { compileIssue } from './compile-issue.ts';
import { htmlFor, showEmail, type View } from './show-email.ts';

/**
 * `node tests/look/review.ts BASE FOLDER`: what a pull request changes, for people. Writes each changed issue as HTML,
 * text and pictures into FOLDER, and prints a summary in Markdown: sizes and findings beside those of the commit BASE.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VIEWS: Readonly<Record<string, View>> = {
  desktop: { width: 1200 },
  phone: { width: 375, scale: 2 },
  dark: { width: 600, scheme: 'dark' },
  'images-off': { width: 600, images: 'off' },
};

const [base = 'HEAD', folder = 'review'] = process.argv.slice(2);
const git = (...words: string[]) => execFileSync('git', words, { cwd: ROOT, encoding: 'utf8' }).trim();

/** Slugs of issues that were changed; with the look or the configuration changed, the newest as well. */
function changedIssues(): { issues: string[]; broken: string[] } {
  const files = git('diff', '--name-only', '--diff-filter=d', `${base}...HEAD`).split('\n');
  const issues = files.flatMap((file) => /^(issues\/[^/]+)/.exec(file)?.[1] ?? []);
  const all = JSON.parse(broadsheet(ROOT, ['check', '--json'])) as Finding[];
  const looks = files.some((file) => /^(templates\/|newsletter\.config\.ts)/.test(file));
  const newest = git('ls-files', 'issues').split('\n').sort().at(-1)?.split('/').slice(0, 2).join('/');
  const chosen = looks && newest ? [...issues, newest] : issues;
  const faulty = new Set(all.filter(({ severity }) => severity === 'error').map(({ path }) => path));
  const paths = [...new Set(chosen)].filter((path) => /\.(md|markdown)$|^[^.]+$/.test(path));
  const isBroken = (path: string) => faulty.has(path) || faulty.has(`${path}/index.md`);
  return { issues: paths.filter((path) => !isBroken(path)), broken: paths.filter(isBroken) };
}

/** What a command prints, whatever its exit code: findings make it fail. */
function broadsheet(cwd: string, words: string[]): string {
  try {
    return execFileSync(process.execPath, [join(ROOT, 'src/main.mjs'), ...words], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    return String((error as { stdout?: string }).stdout || '[]');
  }
}

/** The newsletter as it is at BASE, in a folder of its own. */
function atBase<T>(work: (root: string) => T): T {
  const parent = mkdtempSync(join(tmpdir(), 'broadsheet-base-'));
  const root = join(parent, 'base');
  git('worktree', 'add', '--detach', '--quiet', root, base);
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    return work(root);
  } finally {
    git('worktree', 'remove', '--force', root);
    rmSync(parent, { recursive: true, force: true });
  }
}

const { issues, broken } = changedIssues();
const now = JSON.parse(broadsheet(ROOT, ['check', '--json'])) as Finding[];
const out = join(ROOT, folder);
mkdirSync(out, { recursive: true });
const before = atBase((root) => ({
  findings: JSON.parse(broadsheet(root, ['check', '--json'])) as Finding[],
  sizes: new Map(issues.map((path) => [path, sizeAt(root, path)])),
}));

function sizeAt(root: string, path: string): number | null {
  const built = mkdtempSync(join(tmpdir(), 'broadsheet-size-'));
  try {
    const { slug } = JSON.parse(broadsheet(root, ['build', path, '--out', built, '--json'])) as {
      slug?: string;
    };
    return slug === undefined ? null : Buffer.byteLength(readText(join(built, `${slug}.html`)));
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}

function readText(path: string): string {
  return execFileSync('cat', [path], { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

const kilobytes = (octets: number) => `${(octets / 1024).toFixed(1)} KB`;
const browser = await openChromium();
const rows: string[] = broken.map((path) => `| ${path} | cannot be sent: see the findings | | |`);
const texts: string[] = [];
try {
  for (const path of issues) {
    const email = await compileIssue(path);
    const html = htmlFor(email, {});
    const size = Buffer.byteLength(read(email).html);
    const { text } = read(email);
    writeFileSync(join(out, `${email.slug}.html`), html);
    writeFileSync(join(out, `${email.slug}.txt`), text);
    for (const [name, view] of Object.entries(VIEWS)) {
      const page = await showEmail(browser, email, view);
      await page.screenshot({ path: join(out, `${email.slug}-${name}.png`), fullPage: true });
      await page.context().close();
    }
    const was = before.sizes.get(path) ?? null;
    const clipped = size > 102 * 1024 ? ' Gmail clips it.' : '';
    rows.push(
      `| ${email.slug} | ${kilobytes(size)}${was === null ? ' (new)' : ` (was ${kilobytes(was)})`}.${clipped} | ${text.split(/\s+/).length} | ${Object.keys(VIEWS).join(', ')} |`,
    );
    texts.push(
      `<details><summary>Text part of ${email.slug}</summary>\n\n~~~~text\n${text.replaceAll('~~~~', '~~~')}\n~~~~\n</details>`,
    );
  }
} finally {
  await browser.close();
}

const named = ({ path, rule, message }: Finding) => `${path} ${rule} ${message}`;
const known = new Set(before.findings.map(named));
const still = new Set(now.map(named));
const fresh = now.filter((finding) => !known.has(named(finding)));
const mended = before.findings.filter((finding) => !still.has(named(finding)));
/** Code, so that an author's words are shown and not obeyed by the page. */
const line = ({ path, line: at, severity, message }: Finding) =>
  `- \`${`${path}:${at} ${severity} ${message}`.replaceAll('`', "'").replace(/\s+/g, ' ')}\``;

console.log(
  [
    '## What readers will see',
    rows.length === 0
      ? 'No issue was changed.'
      : [
          '| issue | HTML | words of the text part | pictures, in the artifact "review" |',
          '| --- | --- | ---: | --- |',
          ...rows,
        ].join('\n'),
    ...texts,
    `### Findings: ${fresh.length} new, ${mended.length} mended`,
    ...(fresh.length > 0 ? ['New:', fresh.map(line).join('\n')] : []),
    ...(mended.length > 0 ? ['Mended:', mended.map(line).join('\n')] : []),
  ].join('\n\n'),
);
process.exit();
