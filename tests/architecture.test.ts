import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Who may import whom, as DESIGN.md and src/README.md say; this file is where it is enforced. */

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|mjs)$/.test(file))
  .map((file) => file.replaceAll('\\', '/'))
  .sort();
const sources = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

interface Import {
  readonly from: string;
  /** A file of src, or a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Imports of a source text: `import … from`, `export … from`, `import '…'`, `import('…')`; comments do not count. */
function importsOf(file: string, source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = [
    ...code.matchAll(
      /^\s*(?:import|export)\s+(?<type>type\s)?(?<what>[^'";]*?)\sfrom\s*['"](?<to>[^'"]+)['"]/gm,
    ),
    ...code.matchAll(/^\s*import\s*['"](?<to>[^'"]+)['"]/gm),
    ...code.matchAll(/\bimport\(\s*['"](?<to>[^'"]+)['"]\s*\)(?<member>\.[A-Z])?/g),
  ];
  return found.map(({ groups }) => {
    const { type, what, to, member } = groups as Record<string, string | undefined>;
    const names = /^\{(.*)\}$/s
      .exec(what?.trim() ?? '')?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '');
    const inlineTypes = names?.every((name) => /^\s*type\s/.test(name)) === true;
    const path = to!.startsWith('.')
      ? relative(SRC, join(SRC, dirname(file), to!)).replaceAll('\\', '/')
      : to!;
    return { from: file, to: path, typeOnly: type !== undefined || inlineTypes || member !== undefined };
  });
}

const imports = [...sources].flatMap(([file, source]) => importsOf(file, source));
const inside = imports.filter(({ to }) => sources.has(to));

const LEAVES = [
  'mail.ts',
  'judge-reply.ts',
  'mailbox.ts',
  'finding.ts',
  'newsletter.ts',
  'expression.ts',
  'compare-values.ts',
  'exit.ts',
  'terminal.ts',
  'parse-duration.ts',
  'system-fault.ts',
  'words',
];
const PURE = ['issue', 'email', 'check', 'audience', 'campaign', 'message', 'schedule', 'report'];
const HANDED = ['engine', 'bounce', 'doctor', 'preview', 'web'];
const TOP = ['app.ts', 'config.ts', 'project.ts', 'show-findings.ts', 'cli.ts', 'main.mjs'];

/** What a room may import besides itself: rooms and leaves, or `type ROOM` for types alone. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(LEAVES.map((leaf) => [leaf, LEAVES])),
  issue: LEAVES,
  audience: LEAVES,
  email: [...LEAVES, 'issue', 'type audience'],
  check: [...LEAVES, 'issue', 'email'],
  campaign: [...LEAVES, 'email', 'audience'],
  message: [...LEAVES, 'email', 'audience', 'type campaign'],
  schedule: [...LEAVES, 'issue', 'campaign'],
  report: [...LEAVES, 'campaign'],
  transport: [...LEAVES, ...PURE.map((room) => `type ${room}`)],
  // The ledger executes the transitions that the state machine returns, and asks it what becomes of orphans.
  ledger: [...LEAVES, ...PURE.map((room) => `type ${room}`), 'campaign/settle.ts', 'campaign/windows.ts'],
  // The ledger's file on a branch of the repository: fetched, worked on by the ledger itself, pushed back.
  'ledger-branch': [...LEAVES, 'ledger'],
  engine: [...LEAVES, ...PURE, 'type ledger', 'type transport'],
  bounce: [...LEAVES, ...PURE],
  doctor: [...LEAVES, ...PURE],
  preview: [...LEAVES, ...PURE, 'type ledger', 'type transport'],
  web: [...LEAVES, ...PURE, 'type ledger', 'type transport'],
  project: [...LEAVES, 'issue', 'type email'],
  'project.ts': [...LEAVES, 'issue', 'type email', 'project'],
  // Pure readers of what the environment holds: it is checked whole before anything begins.
  'config.ts': [
    ...LEAVES,
    'transport/parse-smtp-url.ts',
    'transport/read-oauth.ts',
    'web/parse-network.ts',
    'transport/relays-of.ts',
    'config',
  ],
  config: [...LEAVES, 'project/nearest.ts', 'message/dkim-keys.ts'],
  'app.ts': [
    ...LEAVES,
    ...PURE,
    ...HANDED,
    'transport',
    'ledger',
    'ledger-branch',
    'project',
    'project.ts',
    'config.ts',
  ],
  'show-findings.ts': [...LEAVES, 'check', 'type cli.ts'],
  'cli.ts': [...LEAVES, 'commands', 'app.ts', 'config.ts'],
  'main.mjs': ['cli.ts'],
};
/** A command may import all but cli.ts and the other commands; see below. */
const COMMANDS = [
  ...LEAVES,
  ...PURE,
  ...HANDED,
  ...TOP.slice(0, 4),
  'project',
  'transport',
  'ledger',
  'ledger-branch',
  'type cli.ts',
];

/** The room of a file: its folder, or its name at the top. */
function roomOf(file: string): string {
  return file.split('/')[0]!;
}

function mayImport({ from, to, typeOnly }: Import): boolean {
  const room = roomOf(from);
  if (room === 'commands') {
    // send.ts has a folder of its own, and what is in it may name send.ts's options.
    const own = (file: string) => file.split('/')[1]!.replace(/\.ts$/, '');
    if (roomOf(to) === 'commands') return own(from) === own(to);
    return isAmong(COMMANDS, to, typeOnly);
  }
  return room === roomOf(to) || isAmong(RULES[room] ?? [], to, typeOnly);
}

function isAmong(allowed: readonly string[], to: string, typeOnly: boolean): boolean {
  return [roomOf(to), to].some(
    (name) => allowed.includes(name) || (typeOnly && allowed.includes(`type ${name}`)),
  );
}

/** Lines of a file's code that match, as `file:line text`; comments and, when asked, strings do not count. */
function linesWith(file: string, pattern: RegExp): string[] {
  const code = sources.get(file)!.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''));
  return code
    .split('\n')
    .map((line) => line.replace(/(^|\s)\/\/.*$/, ''))
    .flatMap((line, index) => (pattern.test(line) ? [`src/${file}:${index + 1} ${line.trim()}`] : []));
}

describe('imports', () => {
  test('are found however they are written', () => {
    const written = [
      "import a from './a.ts';",
      "import { b, type B } from '../b.ts';",
      "import type { C } from './c.ts';",
      "import { type D, type E } from './d.ts';",
      "import {\n  e,\n} from './e.ts';",
      "export { f } from './f.ts';",
      "import './g.ts';",
      "const h = await import('./h.ts');",
      "type I = import('./i.ts').I;",
      "import fs from 'node:fs';",
      "// import x from './x.ts';",
      "/* import y from './y.ts'; */",
    ].join('\n');
    const found = importsOf('room/file.ts', written).map(({ to, typeOnly }) =>
      typeOnly ? `type ${to}` : to,
    );
    expect(found.sort()).toEqual(
      [
        'room/a.ts',
        'b.ts',
        'type room/c.ts',
        'type room/d.ts',
        'room/e.ts',
        'room/f.ts',
        'room/g.ts',
        'room/h.ts',
        'type room/i.ts',
        'node:fs',
      ].sort(),
    );
    expect(inside.length, 'imports found in src').toBeGreaterThan(100);
  });

  test.each([
    ['mail.ts', 'finding.ts', true],
    ['mail.ts', 'issue/issue.ts', false],
    ['issue/a.ts', 'email/b.ts', false],
    ['email/a.ts', 'issue/b.ts', true],
    ['email/a.ts', 'audience/b.ts', false],
    ['email/a.ts', 'type audience/b.ts', true],
    ['check/a.ts', 'audience/b.ts', false],
    ['transport/a.ts', 'type ledger/b.ts', false],
    ['ledger/a.ts', 'transport/b.ts', false],
    ['engine/a.ts', 'ledger/b.ts', false],
    ['engine/a.ts', 'type ledger/b.ts', true],
    ['preview/a.ts', 'app.ts', false],
    ['app.ts', 'commands/send.ts', false],
    ['commands/send.ts', 'commands/send/a.ts', true],
    ['commands/check.ts', 'commands/send/a.ts', false],
    ['commands/check.ts', 'commands/build.ts', false],
    ['commands/check.ts', 'cli.ts', false],
  ])('%s → %s: %s', (from, written, may) => {
    const to = written.replace('type ', '');
    expect(mayImport({ from, to, typeOnly: to !== written })).toBe(may);
  });

  test('lead to files that are there', () => {
    const dead = imports
      .filter(
        ({ from, to }) => to.endsWith('.ts') && !sources.has(to) && !existsSync(join(SRC, dirname(from), to)),
      )
      .map(({ from, to }) => `src/${from} imports src/${to}, which is not there`);
    expect(dead).toEqual([]);
  });

  test('keep to the rooms', () => {
    const broken = inside
      .filter((one) => !mayImport(one))
      .map(({ from, to, typeOnly }) => `src/${from} must not import ${typeOnly ? 'types of ' : ''}src/${to}`);
    expect(broken).toEqual([]);
  });

  test('every file stands in a known room', () => {
    const known = new Set([...Object.keys(RULES), 'commands']);
    expect(files.filter((file) => !known.has(roomOf(file)))).toEqual([]);
  });

  test('no file imports itself by a detour of values', () => {
    const next = Map.groupBy(
      inside.filter(({ typeOnly }) => !typeOnly),
      ({ from }) => from,
    );
    const reaches = (from: string, goal: string, seen: Set<string>): boolean =>
      (next.get(from) ?? []).some(({ to }) => {
        if (to === goal) return true;
        if (seen.has(to)) return false;
        seen.add(to);
        return reaches(to, goal, seen);
      });
    expect(files.filter((file) => reaches(file, file, new Set()))).toEqual([]);
  });
});

describe('pure rooms', () => {
  const isPure = (file: string) => PURE.includes(roomOf(file)) || LEAVES.includes(roomOf(file));
  /** The terminal is the one leaf with an effect: it writes to the process's own streams. */
  const pure = files.filter((file) => isPure(file) && file !== 'terminal.ts');
  const OUTSIDE =
    /^node:(?:fs|net|tls|http|https|http2|dns|dgram|child_process|worker_threads|process|os|sqlite|timers|readline|cluster)\b/;

  test('import nothing of the world outside', () => {
    const broken = imports
      .filter(({ from, to, typeOnly }) => pure.includes(from) && !typeOnly && OUTSIDE.test(to))
      .map(({ from, to }) => `src/${from} imports ${to}`);
    expect(broken).toEqual([]);
  });

  test('take time, chance and the process as arguments', () => {
    const ask =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.now\(|\brandom(?:Bytes|UUID|Int)\(|\bfetch\(|\bset(?:Timeout|Interval|Immediate)\(/;
    expect(pure.flatMap((file) => linesWith(file, ask))).toEqual([]);
  });
});

describe('effects stay in one place', () => {
  const elsewhere = (owner: string, pattern: RegExp) =>
    files.filter((file) => file !== owner).flatMap((file) => linesWith(file, pattern));

  test('only config.ts reads the environment, and main.mjs tells libuv its number of threads', () => {
    expect(elsewhere('config.ts', /\bprocess\s*\.\s*env\b|\benv\b.*from 'node:process'/)).toEqual([
      expect.stringMatching(/^src\/main\.mjs:\d+ process\.env\.UV_THREADPOOL_SIZE \?\?= /),
    ]);
  });

  test('only cli.ts ends the process', () => {
    expect(elsewhere('cli.ts', /\bprocess\s*\.\s*(?:exit\s*\(|exitCode\b|abort\s*\()/)).toEqual([]);
  });

  test('only the transport opens mail connections', () => {
    const mail = imports
      .filter(({ to }) => /^(?:nodemailer|smtp-server|imapflow)\b/.test(to))
      .map(({ from }) => roomOf(from));
    expect([...new Set(mail)]).toEqual(['transport']);
  });

  test('only the ledger speaks SQL', () => {
    const databases = imports
      .filter(({ to }) => /^(?:node:sqlite|pg)$/.test(to))
      .map(({ from }) => roomOf(from));
    expect([...new Set(databases)]).toEqual(['ledger']);
  });
});

test('every file is short enough to read at once: 360 lines', () => {
  const long = [...sources]
    .map(([file, source]) => ({ file, lines: source.split('\n').length - 1 }))
    .filter(({ lines }) => lines > 360)
    .map(({ file, lines }) => `src/${file} has ${lines} lines`);
  expect(long).toEqual([]);
});
