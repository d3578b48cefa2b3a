import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { linkSigner } from '../../src/audience/links.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { startServe } from './serve.ts';

const LINK_SECRET = 'a link secret of the tests';
const CONNECTIONS = 5;

let postgres: Postgres | null = null;
afterAll(() => postgres?.stop());

function newsletter(readers: number, publicUrl = 'http://127.0.0.1:1') {
  const rows = Array.from({ length: readers }, (_, number) => `r${number}@example.com,Reader ${number}`);
  return temporaryProject(
    {
      'issues/hello.md': '---\ntitle: Hello\n---\n\nWords.\n',
      'subscribers/weekly.csv': `email,name\n${rows.join('\n')}\n`,
    },
    {
      publicUrl,
      lists: { weekly: { title: 'Weekly', open: true } },
      limits: { perSecond: 60, connections: CONNECTIONS },
    },
  );
}

/**
 * Sends to all, and when a hundred have theirs, unsubscribes `leaving` of those at the end of the list at once. `late` are
 * those who had a message though it began after they were answered: one that the mail server was being told at that
 * moment may still end.
 */
async function leaveInMidSend(readers: number, leaving: number, environment: Record<string, string>) {
  const { root } = newsletter(readers);
  const ended = new Map<string, number>();
  let begun = () => {};
  const midSend = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const smtp = await startSmtpServer({
    final: (address) => {
      ended.set(address.toLowerCase(), Date.now());
      if (ended.size >= 100) begun();
      return '250 taken';
    },
  });
  const env = { LINK_SECRET, SMTP_URL: smtp.url, ...environment };
  const server = await startServe(root, env);
  const ledger = await openLedger(environment.DATABASE_URL ?? join(root, '.broadsheet/ledger.sqlite'));
  try {
    const sending = runCommand(root, 'send hello --list weekly --confirm hello', env);
    await midSend;
    const [campaign] = await ledger.campaigns('hello');
    const rows = await ledger.history(campaign!.id, 0, readers);
    const answered = new Map<string, number>();
    await Promise.all(
      rows.slice(-leaving).map(async ({ id, key }) => {
        const token = linkSigner(LINK_SECRET, { list: 'weekly', key })({
          purpose: 'live',
          action: 'unsubscribe',
          row: id,
        });
        const { status } = await fetch(`${server.url}/u/${token}`, {
          method: 'POST',
          body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
        });
        if (status === 200) answered.set(key, Date.now());
      }),
    );
    const { code, stderr } = await sending;
    const begunAt = new Map(
      (await ledger.history(campaign!.id, 0, readers)).map((row) => [row.key, row.begunAt]),
    );
    const late = [...answered].filter(
      ([key, at]) => (begunAt.get(key) ?? 0) > at || ((ended.get(key) ?? 0) > at && !begunAt.get(key)),
    );
    return {
      code,
      stderr,
      answered,
      late,
      counts: await ledger.counts(campaign!.id),
      suppressed: await ledger.suppressions('weekly'),
    };
  } finally {
    await ledger.close();
    expect(await server.end()).toBe(0);
    await smtp.close();
  }
}

describe('1,000 unsubscribes at once in mid-send, from another process', { timeout: 240_000 }, () => {
  test('SQLite: all are answered, and nobody is mailed after the answer', async () => {
    const { code, stderr, answered, late, counts, suppressed } = await leaveInMidSend(1250, 1000, {});
    expect(code, stderr).toBe(0);
    expect(answered.size).toBe(1000);
    expect(suppressed.size).toBe(1000);
    expect(late).toEqual([]);
    expect(counts.suppressed, 'in mid-send').toBeGreaterThan(100);
    expect(counts.accepted + counts.suppressed).toBe(1250);
  });

  test('PostgreSQL', async () => {
    postgres = await startPostgres();
    const DATABASE_URL = await postgres.database();
    const { code, stderr, answered, late, counts } = await leaveInMidSend(500, 300, { DATABASE_URL });
    expect(code, stderr).toBe(0);
    expect(answered.size).toBe(300);
    expect(late).toEqual([]);
    expect(counts.accepted + counts.suppressed).toBe(500);
  });
});

describe('the process', () => {
  test.each([
    ['no publicUrl', { publicUrl: null }, { LINK_SECRET }, '"publicUrl" is not set'],
    ['no secret', {}, {}, 'LINK_SECRET is not set'],
    ['a ledger on a branch', {}, { LINK_SECRET, LEDGER: 'git', LEDGER_KEY: 'x'.repeat(32) }, 'LEDGER=git'],
  ] as const)('with %s does not start, and says why', async (_what, config, environment, words) => {
    const { root } = temporaryProject({}, { publicUrl: 'https://letters.example.com', ...config });
    const { code, stderr } = await runCommand(root, 'serve --port 0', environment as Record<string, string>);
    expect(code).toBe(78);
    expect(stderr).toContain(words);
  });

  test('on a port that is taken says so', async () => {
    const { root } = newsletter(1);
    const server = await startServe(root, { LINK_SECRET });
    const { code, stderr } = await runCommand(root, `serve --port ${new URL(server.url).port}`, {
      LINK_SECRET,
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain('the port is in use');
    await server.end();
  });

  test('that is told to stop answers what it has begun, takes nothing new, and ends with 0', async () => {
    const { root } = newsletter(1);
    const server = await startServe(root, { LINK_SECRET });
    const { port } = new URL(server.url);
    const body = 'email=a%40example.com&list=weekly';
    const socket = connect(Number(port), '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8').on('data', (text) => {
      heard += text;
    });
    socket.write(
      `POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
    );
    // The server has the request once another one, sent after it, is answered.
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const ended = server.end();
    await expect
      .poll(() =>
        fetch(`${server.url}/healthz`).then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    socket.write(body.slice(9));
    await once(socket, 'close');
    expect(heard).toContain('HTTP/1.1 200 OK');
    expect(heard).toContain('Look into your mailbox');
    expect(await ended).toBe(0);
  });

  test('bodies without end, broken requests and ten thousand headers do not bring it down', async () => {
    const { root } = newsletter(1);
    const server = await startServe(root, { LINK_SECRET });
    const { port } = new URL(server.url);
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        let heard = '';
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
        socket.setEncoding('utf8').on('data', (more) => {
          heard += more;
          socket.end();
        });
        socket.on('error', () => resolve(heard)).on('close', () => resolve(heard));
      });
    const post = (headers: string, body: string) =>
      raw(`POST /subscribe HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`);
    const form = 'Content-Type: application/x-www-form-urlencoded';
    expect(await post(`${form}\r\nContent-Length: 99999999`, 'a'.repeat(300_000))).toContain('413');
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`;
    expect(await post(`${form}\r\nTransfer-Encoding: chunked`, chunk.repeat(30))).toContain('413');
    expect(await post(`${form}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked`, 'x')).toContain('400');
    expect(await raw('GET / HTTP/9\r\n\r\n')).toContain('400');
    expect(await raw(`GET /healthz HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`)).toContain(
      '431',
    );
    expect(await raw(`GET /u/${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/ (?:404|431) /);
    expect(await raw('GET /%E0%A4%A HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/ 4\d\d /);
    expect(await raw('GET http://evil.example/u/x HTTP/1.1\r\nHost: a b\r\n\r\n')).toMatch(/ 4\d\d /);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await server.end('SIGINT')).toBe(0);
    expect(server.said).not.toContain('    at ');
  });
});
