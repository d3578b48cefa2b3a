import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectTold } from '../commands/told.ts';
import { type Ended, runCommand } from '../support/run-command.ts';
import { type Script, type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { BRANCH, git, inCi, KEY, type Origin, origin, startInCi } from './clones.ts';

const READERS = Array.from({ length: 20 }, (_, at) => `reader${String(at).padStart(2, '0')}@example.com`);

function newsletter(connections = 1): Origin {
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  return origin(
    {
      'issues/hello.md': `---\ntitle: Hello\nsendAt: ${hourAgo}\n---\nWords.\n`,
      'subscribers/weekly.csv': `email\n${READERS.join('\n')}\n`,
    },
    { limits: { connections }, approval: 'none' },
  );
}

async function server(script: Script = {}): Promise<ScriptedServer> {
  const started = await startSmtpServer(script);
  onTestFinished(() => started.close());
  return started;
}

const DUE = 'send --due';
const FIRST = 'send --due --new-ledger';

/** What the ledger on the branch says became of everybody. */
async function statusOf(clone: string, url: string) {
  const ended = await inCi(clone, 'status --json', url);
  expect(ended.code, ended.stderr).toBe(0);
  const [campaign] = JSON.parse(ended.stdout);
  const uncertain = campaign.troubled
    .filter((one: { state: string }) => one.state === 'uncertain')
    .map((one: { address: string }) => one.address) as string[];
  return { counts: campaign.counts as Record<string, number>, uncertain };
}

test('every run begins on an empty disk, and everybody gets one', async () => {
  const smtp = await server();
  const here = newsletter();
  const main = git(here.path, ['rev-parse', 'main']);
  const first = here.clone();
  expectTold(await inCi(first, FIRST, smtp.url), 0, ['finished: 20 accepted']);
  // Another issue, another machine, nothing kept but the branch.
  here.commit('issues/next.md', `---\ntitle: Next\nsendAt: ${new Date().toISOString()}\n---\nMore.\n`);
  expectTold(await inCi(here.clone(), DUE, smtp.url), 0, ['next is due since', 'finished: 20 accepted']);
  const kept = git(here.path, ['rev-parse', BRANCH]);
  expectTold(await inCi(here.clone(), DUE, smtp.url), 0, ['Nothing is due.']);
  expect(git(here.path, ['rev-parse', BRANCH]), 'a run with nothing to do pushes nothing').toBe(kept);
  expect(smtp.accepted().sort()).toEqual([...READERS, ...READERS].sort());
  expect((await runCommand(here.clone(), 'status')).stderr).toContain('Nothing was ever sent from here.');
  expect((await statusOf(here.clone(), smtp.url)).counts).toMatchObject({ accepted: 20 });

  // One commit without a parent, one file, no address in it; the author's work is not touched.
  expect(git(here.path, ['rev-list', '--count', BRANCH])).toBe('1');
  expect(git(here.path, ['ls-tree', '--name-only', BRANCH])).toBe('ledger');
  expect(git(here.path, ['log', '-1', '--format=%B', BRANCH])).toBe('At rest');
  expect(git(here.path, ['cat-file', 'blob', `${BRANCH}:ledger`])).not.toContain('example.com');
  expect(git(first, ['status', '--porcelain', '--ignored'])).toBe('');
  expect(git(first, ['rev-parse', 'HEAD'])).toBe(main);
});

describe('a live send in CI is refused', () => {
  const cases: [string, string, Record<string, string>, number, string[]][] = [
    [
      'without a ledger that lasts',
      DUE,
      { LEDGER: '', LEDGER_KEY: '' },
      78,
      ['forget their disk', 'LEDGER=git'],
    ],
    ['without a key', DUE, { LEDGER_KEY: '' }, 78, ['LEDGER_KEY is not set', 'openssl rand -hex 32']],
    ['with a short key', DUE, { LEDGER_KEY: 'hunter2' }, 78, ['LEDGER_KEY is shorter than 32 characters']],
    ['with another kind of ledger', DUE, { LEDGER: 'svn' }, 78, ['LEDGER is neither git nor file']],
    ['when the branch is not there', DUE, {}, 78, ['origin has no branch broadsheet-ledger', '--new-ledger']],
    ['by hand, too', 'send hello --confirm hello', {}, 78, ['--new-ledger']],
  ];
  test.each(cases)('%s', async (_what, line, more, code, says) => {
    const smtp = await server();
    const ended = await inCi(newsletter().clone(), line, smtp.url, more);
    expectTold(ended, code, says);
    expect(ended.stdout + ended.stderr).not.toContain('hunter2');
    expect(smtp.sessions).toBe(0);
  });

  test('but not where the machine keeps its disk, nor a test, a plan or a rehearsal', async () => {
    const smtp = await server();
    const root = newsletter().clone();
    const none = { LEDGER: '', LEDGER_KEY: '' };
    expectTold(await inCi(root, 'send --due --dry-run', smtp.url, none), 0, ['hello is due']);
    expectTold(await inCi(root, 'send hello --confirm hello --inbox', smtp.url, none), 0, ['rehearsal']);
    expectTold(await inCi(root, 'send hello --test', smtp.url, none), 0, ['editor@example.com']);
    expectTold(await inCi(root, DUE, smtp.url, { LEDGER: 'file', LEDGER_KEY: '' }), 0, ['20 accepted']);
    expectTold(await inCi(root, DUE, smtp.url, { LEDGER: 'file', LEDGER_KEY: '' }), 0, ['Nothing is due.']);
  });
});

describe('a branch', () => {
  /** One that holds a ledger of a finished campaign. */
  async function used() {
    const smtp = await server();
    const here = newsletter();
    await inCi(here.clone(), FIRST, smtp.url);
    expect(smtp.accepted()).toHaveLength(20);
    return { smtp, here };
  }

  test('that was edited, sealed with another key or deleted is refused: nobody gets a second one', async () => {
    const { smtp, here } = await used();
    const otherKey = await inCi(here.clone(), DUE, smtp.url, { LEDGER_KEY: KEY.replace('c', 'd') });
    expectTold(otherKey, 78, ['was edited, or LEDGER_KEY is not the one']);
    expect(otherKey.stdout + otherKey.stderr).not.toContain(KEY.slice(1));
    here.replaceBranch('At rest', 'a ledger of my own');
    expectTold(await inCi(here.clone(), FIRST, smtp.url), 78, ['was edited']);
    git(here.path, ['update-ref', '-d', BRANCH]);
    expectTold(await inCi(here.clone(), DUE, smtp.url), 78, ['origin has no branch']);
    expect(smtp.accepted()).toHaveLength(20);
  });

  test('that knows of mail keeps another ledger, an empty one, from mailing everybody again', async () => {
    const { smtp, here } = await used();
    const clone = here.clone();
    const elsewhere = { LEDGER: 'file', LEDGER_KEY: '' };
    for (const line of [DUE, 'send hello --confirm hello'])
      expectTold(await inCi(clone, line, smtp.url, elsewhere), 78, [
        'origin has a branch broadsheet-ledger',
        'LEDGER=git',
      ]);
    expectTold(await inCi(clone, 'send --due --dry-run', smtp.url, elsewhere), 0, []);
    expect(smtp.accepted()).toHaveLength(20);
    // Meant, it is another ledger from then on.
    here.commit('issues/hello.md', '---\ntitle: Hello\n---\nWords.\n');
    here.commit('issues/next.md', `---\ntitle: Next\nsendAt: ${new Date().toISOString()}\n---\nMore.\n`);
    const other = here.clone();
    expectTold(await inCi(other, FIRST, smtp.url, elsewhere), 0, ['finished: 20 accepted']);
    expectTold(await inCi(other, DUE, smtp.url, elsewhere), 0, ['Nothing is due.']);
    expect(smtp.accepted()).toHaveLength(40);
  });

  test('that another run holds is left alone', async () => {
    const { smtp, here } = await used();
    here.replaceBranch(`In use until ${new Date(Date.now() + 600_000).toISOString()}`);
    const before = git(here.path, ['rev-parse', BRANCH]);
    expectTold(await inCi(here.clone(), DUE, smtp.url), 75, [
      'Another run has the ledger',
      'This one leaves.',
    ]);
    expectTold(await inCi(here.clone(), 'status', smtp.url), 0, ['20 accepted']);
    expect(git(here.path, ['rev-parse', BRANCH])).toBe(before);
  });

  test('that cannot be reached: nothing is sent', async () => {
    const { smtp, here } = await used();
    const clone = here.clone();
    rmSync(here.path, { recursive: true });
    expectTold(await inCi(clone, DUE, smtp.url), 75, ['The branch broadsheet-ledger cannot be reached: git']);
    expect(smtp.accepted()).toHaveLength(20);
  });

  test('that somebody changed during a run ends the run before its next batch', async () => {
    let here: Origin | null = null;
    let taken = 0;
    const smtp = await server({
      final: () => {
        taken += 1;
        if (taken === 3) here!.replaceBranch('At rest');
        return '250 taken';
      },
    });
    here = newsletter();
    const ended = await inCi(here.clone(), FIRST, smtp.url, { LEDGER_BATCH: '5' });
    expectTold(ended, 75, ['Somebody else has changed the branch broadsheet-ledger meanwhile.']);
    // The batch that was told to the branch, and nobody more.
    expect(smtp.accepted()).toEqual(READERS.slice(0, 5));
    // Nobody knows what became of these: they are named, and the others get theirs.
    expectTold(await inCi(here.clone(), DUE, smtp.url, { LEDGER_BATCH: '5' }), 3, [
      '15 accepted, 5 uncertain',
    ]);
    expect(smtp.accepted().sort()).toEqual(READERS);
    expect((await statusOf(here.clone(), smtp.url)).uncertain).toEqual(READERS.slice(0, 5));
    expectTold(await inCi(here.clone(), 'status hello --resolve accept', smtp.url), 0, [
      '5 uncertain counted',
    ]);
    expect((await statusOf(here.clone(), smtp.url)).counts).toMatchObject({ accepted: 20, uncertain: 0 });
  });
});

test('two clones started at once: one has the ledger, the other leaves or finds it done', async () => {
  const smtp = await server();
  const here = newsletter();
  here.commit('issues/hello.md', '---\ntitle: Hello\nsendAt: 2020-01-01T09:00Z\nlateBy: 0m\n---\nWords.\n');
  await inCi(here.clone(), FIRST, smtp.url);
  here.commit('issues/next.md', `---\ntitle: Next\nsendAt: ${new Date().toISOString()}\n---\nMore.\n`);
  const clones = [here.clone(), here.clone(), here.clone()];
  const ended = await Promise.all(clones.map((root) => inCi(root, DUE, smtp.url, { LEDGER_BATCH: '3' })));
  // 1: the late issue is told; 75: somebody else has the ledger.
  for (const { code, stderr } of ended) expect([1, 75], stderr).toContain(code);
  expect(ended.filter(({ stderr }) => stderr.includes('finished: 20 accepted'))).toHaveLength(1);
  expect(smtp.accepted().sort()).toEqual(READERS);
});

/** Kills a run with -9 when it has had `taken` messages accepted, and lets others finish the work. */
async function killed(taken: number, batch: number, connections: number, before: 'reply' | 'next') {
  let seen = 0;
  let run: { kill(): void; readonly ended: Promise<Ended> } | null = null;
  const smtp = await startSmtpServer({
    final: () => {
      seen += 1;
      if (seen === taken) run!.kill();
      return seen === taken && before === 'reply' ? 'drop' : '250 taken';
    },
  });
  try {
    const here = newsletter(connections);
    const more = { LEDGER_BATCH: String(batch) };
    run = startInCi(here.clone(), FIRST, smtp.url, more);
    expect((await run.ended).code).toBeNull();
    // Until its time is over, nobody takes its batch away.
    expectTold(await inCi(here.clone(), DUE, smtp.url, more), 75, ['Another run has the ledger']);
    here.replaceBranch(`In use until ${new Date(Date.now() - 1000).toISOString()}`);
    const second = await inCi(here.clone(), DUE, smtp.url, more);
    expect([0, 3], second.stderr).toContain(second.code);
    expectTold(await inCi(here.clone(), DUE, smtp.url, more), 0, ['Nothing is due.']);
    const { counts, uncertain } = await statusOf(here.clone(), smtp.url);
    const reached = smtp.received.flatMap(({ to }) => to).sort();
    const lost = READERS.filter((reader) => !reached.includes(reader) && !uncertain.includes(reader));
    return { lost, twice: reached.length - new Set(reached).size, uncertain, counts };
  } finally {
    await smtp.close();
  }
}

test('a machine that dies leaves at most one batch uncertain: nobody is lost, nobody gets two', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(1, 3),
      fc.constantFrom('reply' as const, 'next' as const),
      async (taken, batch, connections, before) => {
        const { lost, twice, uncertain, counts } = await killed(taken, batch, connections, before);
        expect(lost).toEqual([]);
        expect(twice).toBe(0);
        // A batch as small as these is half of what is in flight of the one before, three for each connection.
        const most = Math.max(batch, Math.ceil(batch / 2) + 3 * connections - 1);
        expect(uncertain.length).toBeLessThanOrEqual(most);
        expect(counts.accepted! + counts.uncertain!).toBe(20);
      },
    ),
    { numRuns: Number(process.env.TRIALS ?? 2), endOnFailure: true },
  );
}, 600_000);
