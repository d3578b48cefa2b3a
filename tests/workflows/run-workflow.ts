import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import matter from 'gray-matter';
import { onTestFinished } from 'vitest';
import { git } from '../ledger-branch/clones.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = join(ROOT, '.github/workflows');

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface Workflow {
  readonly file: string;
  readonly source: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly 'timeout-minutes'?: number;
        readonly permissions?: Readonly<Record<string, string>>;
        readonly steps: readonly Step[];
      }
    >
  >;
}

const yaml = (matter as unknown as { engines: { yaml: { parse(text: string): unknown } } }).engines.yaml;

/** Every workflow of this project. */
export const workflows: readonly Workflow[] = readdirSync(FOLDER)
  .sort()
  .map((file) => {
    const source = readFileSync(join(FOLDER, file), 'utf8');
    return { file, source, ...(yaml.parse(source) as Omit<Workflow, 'file' | 'source'>) };
  });

/** A repository with this project as it is, and other files, behind a remote; `clone` gives a runner's fresh checkout. */
export function thisProject(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-workflow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const work = join(folder, 'work');
  const parts = [
    '.github',
    '.gitignore',
    'issues',
    'newsletter.config.ts',
    'package.json',
    'src',
    'subscribers',
    'templates',
    'tests',
    'tsconfig.json',
  ];
  for (const part of parts) cpSync(join(ROOT, part), join(work, part), { recursive: true });
  const commit = (changes: Readonly<Record<string, string>>, message: string) => {
    for (const [path, content] of Object.entries(changes)) writeFileSync(join(work, path), content);
    git(work, ['add', '.']);
    git(work, ['commit', '-q', '-m', message]);
    return git(work, ['rev-parse', 'HEAD']);
  };
  git(folder, ['init', '-q', work]);
  const first = commit(files, 'First');
  const origin = join(folder, 'origin.git');
  git(folder, ['clone', '-q', '--bare', work, origin]);
  git(work, ['remote', 'add', 'origin', origin]);
  let clones = 0;
  return {
    first,
    origin,
    commit(changes: Readonly<Record<string, string>>, message: string) {
      const made = commit(changes, message);
      git(work, ['push', '-q', 'origin', 'main']);
      return made;
    },
    /** As actions/checkout makes it: shallow unless `whole`, at a commit of no branch. In place of `npm ci`, our packages. */
    clone(whole = false) {
      clones += 1;
      const to = join(folder, `runner-${clones}`);
      git(folder, ['clone', '-q', ...(whole ? [] : ['--depth=1']), `file://${origin}`, to]);
      git(to, ['checkout', '-q', '--detach']);
      symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
      return to;
    },
  };
}

export interface Ran {
  readonly code: number | null;
  /** Of all steps, both streams. */
  readonly log: string;
  /** What stands on the page of the job. */
  readonly summary: string;
}

/**
 * Runs the steps of a workflow's only job in a checkout, as a runner does: its own `run` lines in bash, CI=true, no
 * terminal, expressions replaced by `values` (`secrets.SMTP_URL`; '' when it is not given). Stops at the first failure,
 * but for steps that run unless cancelled. `npm ci` is left out: the checkout has our packages. `onStep` is handed what
 * cancels the step as a runner does: a signal to its first process.
 */
export async function runWorkflow(
  file: string,
  checkout: string,
  values: Readonly<Record<string, string>>,
  onStep: (cancel: () => void) => void = () => {},
): Promise<Ran> {
  const [job] = Object.values(workflows.find((one) => one.file === file)!.jobs);
  const summary = `${checkout}-summary.md`;
  writeFileSync(summary, '');
  let log = '';
  let failed: number | null = null;
  for (const step of job!.steps) {
    if (step.run === undefined || step.run === 'npm ci') continue;
    if (failed !== null && !step.if?.includes('!cancelled()')) continue;
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(String(text), values)]),
    );
    const ran = await runScript(checkout, step.run, { ...env, GITHUB_STEP_SUMMARY: summary }, onStep);
    log += ran.log;
    if (ran.code !== 0) failed ??= ran.code;
  }
  return { code: failed ?? 0, log, summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '' };
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{\s*([^}]+?)\s*\}\}/g, (_whole, expression: string) => values[expression] ?? '');
}

/** Runs lines in bash as a runner does: CI=true unless `env` says otherwise, no terminal. */
export function runScript(
  cwd: string,
  script: string,
  env: Readonly<Record<string, string>>,
  onStep: (cancel: () => void) => void = () => {},
): Promise<{ code: number | null; log: string }> {
  const { PATH = '', TMPDIR = '/tmp' } = process.env;
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: {
      PATH: `${dirname(process.execPath)}:${PATH}`,
      HOME: cwd,
      TMPDIR,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: 'edna',
      npm_config_update_notifier: 'false',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStep(() => void child.kill('SIGINT'));
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, log }));
  });
}
