import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import matter from 'gray-matter';
import { describe, expect, onTestFinished, test } from 'vitest';
import { git, KEY } from '../ledger-branch/clones.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { runScript, thisProject } from './run-workflow.ts';

/** What the README says for other places than GitHub Actions is tried as it stands there. */
const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
const SECTION = README.slice(README.indexOf('**Elsewhere.**'), README.indexOf('### Mail servers'));
const blocks = (kind: string) =>
  [...SECTION.matchAll(new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text!);

const lists = {
  'subscribers/staff.csv': 'email\neditor@example.com\n',
  'subscribers/weekly.csv': 'email\nada@example.com\nbob@example.com\n',
};
const due = () =>
  `---\ntitle: Scheduled\nslug: scheduled\nsendAt: ${new Date(Date.now() - 60_000).toISOString()}\n---\n\nWords.\n`;

async function scene(more: Record<string, string> = {}) {
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  return { smtp, here: thisProject({ ...lists, 'issues/scheduled.md': due(), ...more }) };
}

test('GitLab: a push to main tests, the schedule sends, each in a clone of its own', async () => {
  interface Job {
    readonly extends?: string;
    readonly before_script?: readonly string[];
    readonly script?: readonly string[];
    readonly variables?: Record<string, string>;
    readonly rules?: readonly { readonly if: string }[];
  }
  const { engines } = matter as unknown as {
    engines: { yaml: { parse(text: string): Readonly<Record<string, Job>> } };
  };
  const jobs = engines.yaml.parse(blocks('yaml')[0]!);
  const { smtp, here } = await scene();
  const run = (name: string, more: Record<string, string> = {}) => {
    const job = { ...jobs[jobs[name]!.extends!], ...jobs[name] };
    const lines = [...job.before_script!, ...job.script!];
    expect(lines[0]).toMatch(/^git remote set-url origin "https:\/\/ledger:\$PUSH_TOKEN@/);
    expect(lines[1]).toBe('npm ci');
    // The remote of these tests needs no token, and our packages stand in for what npm ci installs.
    return runScript(here.clone(), lines.slice(2).join('\n'), {
      ...job.variables,
      GITLAB_CI: 'true',
      LEDGER_KEY: KEY,
      SMTP_URL: smtp.url,
      NEW_LEDGER: '',
      ...more,
    });
  };
  expect(jobs.send!.rules![0]!.if).toBe('$CI_PIPELINE_SOURCE == "schedule"');
  const tested = await run('test-send', { NEW_LEDGER: '--new-ledger' });
  expect(tested.code, tested.log).toBe(0);
  const sent = await run('send');
  expect(sent.code, sent.log).toBe(0);
  expect((await run('send')).log).toContain('Nothing is due.');
  expect(smtp.accepted().sort()).toEqual(['ada@example.com', 'bob@example.com', 'editor@example.com']);
}, 240_000);

describe('a machine that keeps its disk', () => {
  /** A clone on a branch, as somebody sets it up there, with its secrets in `.env`. */
  async function machine() {
    const { smtp, here } = await scene();
    const clone = here.clone(true);
    git(clone, ['checkout', '-q', 'main']);
    writeFileSync(join(clone, '.env'), `SMTP_URL=${smtp.url}\n`);
    return { smtp, here, clone };
  }
  const env = { CI: '', GITHUB_ACTIONS: '' };

  test('cron: the line runs what is due, once, and after a pull what is new', async () => {
    const [, times, command] = /^((?:\S+ ){5})(.+)$/m.exec(blocks('')[0]!)!;
    for (const field of times!.trim().split(' ')) expect(field).toMatch(/^(?:\*|\d+)(?:\/\d+)?$/);
    // In a crontab a bare % ends the command.
    expect(command).not.toContain('%');
    const { smtp, here, clone } = await machine();
    const line = command!.replace('/srv/newsletter', clone).replace(' && npm ci --silent', '');
    for (const _time of [1, 2]) {
      const ran = await runScript(clone, line, env);
      expect(ran.code, ran.log).toBe(0);
    }
    expect(smtp.accepted().sort()).toEqual(['ada@example.com', 'bob@example.com']);
    here.commit({ 'issues/next.md': due().replaceAll('cheduled', 'econd') }, 'Write the next one');
    const ran = await runScript(clone, line, env);
    expect(ran.code, ran.log).toBe(0);
    expect(smtp.accepted()).toHaveLength(4);
  }, 240_000);

  test('systemd: the commands of the unit do the same', async () => {
    const [service = ''] = blocks('ini');
    const commands = [...service.matchAll(/^Exec(?:StartPre|Start)=\/usr\/bin\/(.+)$/gm)].map(
      ([, line]) => line!,
    );
    expect(commands).toHaveLength(3);
    const { smtp, clone } = await machine();
    const ran = await runScript(clone, commands.filter((line) => !line.startsWith('npm ci')).join('\n'), env);
    expect(ran.code, ran.log).toBe(0);
    expect(smtp.accepted().sort()).toEqual(['ada@example.com', 'bob@example.com']);
    expect(service).toContain('SuccessExitStatus=75');
  }, 240_000);

  test('systemd itself finds nothing wrong with the units, where it is installed', () => {
    const analyze = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find(existsSync);
    if (!analyze) {
      console.log('systemd-analyze is not here: the units are not verified.');
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'broadsheet-units-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [service = '', timer = ''] = blocks('ini');
    // That git, npm and the folder are where the README has them is not what is verified.
    const here = service
      .replace('WorkingDirectory=/srv/newsletter', `WorkingDirectory=${folder}`)
      .replaceAll(/=\/usr\/bin\/(?:npm|git)/g, `=${process.execPath}`);
    writeFileSync(join(folder, 'newsletter.service'), here);
    writeFileSync(join(folder, 'newsletter.timer'), timer);
    const units = ['newsletter.service', 'newsletter.timer'].map((name) => join(folder, name));
    const verified = spawnSync(analyze, ['verify', '--man=no', ...units], { encoding: 'utf8' });
    expect(verified.stderr.split('\n').filter((line) => line.includes('newsletter'))).toEqual([]);
    const every = /^OnCalendar=(.+)$/m.exec(timer)![1]!;
    expect(execFileSync(analyze, ['calendar', every], { encoding: 'utf8' })).toContain('*:00/10:00');
  });
});
