import { Socket } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

/**
 * Loaded before the program, `node --import die-at.ts`: kills its whole process group with -9 at the point that DIE_AT
 * names, the DIE_NTH time that it comes by. So the program needs no hooks for its own tests.
 */

/** What the ledger does, told by the words that it does it with. */
const STATEMENTS = {
  claim: /UPDATE deliveries\b.*\bfence = fence \+ 1/is,
  sending: /UPDATE deliveries\b.*\bbegun_at = /is,
  settle: /UPDATE deliveries\b.*\benhanced = /is,
};

type Statement = keyof typeof STATEMENTS;
export type Point = `${Statement} ${'before' | 'uncommitted' | 'after'}` | 'half of the content';

const wanted = process.env.DIE_AT as Point;
let left = Number(process.env.DIE_NTH ?? 1);

const die = () => process.kill(0, 'SIGKILL');

function come(point: Point): void {
  if (point !== wanted) return;
  left -= 1;
  if (left === 0) die();
}

/** What the open transaction has done so far. */
let done = new Set<Statement>();

function before(text: string): void {
  if (/^\s*BEGIN/i.test(text)) done = new Set();
  for (const name of named(text)) come(`${name} before`);
}

function after(text: string): void {
  for (const name of named(text)) {
    done.add(name);
    come(`${name} uncommitted`);
  }
  if (!/^\s*COMMIT/i.test(text)) return;
  for (const name of done) come(`${name} after`);
  done = new Set();
}

function named(text: string): Statement[] {
  return (Object.keys(STATEMENTS) as Statement[]).filter((name) => STATEMENTS[name].test(text));
}

const { exec, prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (text) {
  before(text);
  exec.call(this, text);
  after(text);
};
DatabaseSync.prototype.prepare = function (text, ...more) {
  const statement = prepare.call(this, text, ...more);
  if (named(text).length === 0) return statement;
  for (const name of ['all', 'get', 'run'] as const) {
    const method = statement[name].bind(statement) as (...values: unknown[]) => never;
    statement[name] = (...values: unknown[]) => {
      before(text);
      const result = method(...values);
      after(text);
      return result;
    };
  }
  return statement;
};

if (process.env.DATABASE_URL) {
  const { default: pg } = await import('pg');
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = async function (this: never, ...given: never[]) {
    const [what] = given as unknown as (string | { text: string })[];
    const text = typeof what === 'string' ? what : (what?.text ?? '');
    before(text);
    const result = await (query as (...given: never[]) => Promise<unknown>).apply(this, given);
    after(text);
    return result;
  } as never;
}

// Content is what follows DATA on a connection. Of the rest nothing is written: the half may wait for it in a buffer.
const asked = new WeakSet<Socket>();
let cut = false;
const { write } = Socket.prototype as unknown as { write(this: Socket, ...given: unknown[]): boolean };
Socket.prototype.write = function (this: Socket, chunk: string | Uint8Array, ...more: unknown[]) {
  if (cut) return true;
  if (wanted === 'half of the content' && asked.delete(this)) {
    left -= 1;
    cut = left === 0;
    if (cut) return write.call(this, chunk.slice(0, chunk.length / 2), die);
  }
  if (/^DATA\r\n/.test(String(chunk))) asked.add(this);
  return write.call(this, chunk, ...more);
} as never;
