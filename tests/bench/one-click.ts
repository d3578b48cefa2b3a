import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { linkSigner } from '../../src/audience/links.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { startPostgres } from '../support/postgres.ts';
import { MAIN, newsletterFolder } from './delivery/newsletter-folder.ts';
import { startOwnSink } from './delivery/start-sink.ts';

/**
 * One-click unsubscribing under load: `node tests/bench/one-click.ts [--postgres] [--readers 20000] [--leave 4000]`.
 * The same number of readers leaves with no campaign under way and with one at full speed, each by a link of their own,
 * over 50 connections; requests a second and latency, and how many were mailed after they were answered.
 */
const { values: options } = parseArgs({
  options: {
    postgres: { type: 'boolean', default: false },
    readers: { type: 'string', default: '20000' },
    leave: { type: 'string', default: '4000' },
  },
});
const [readers, leave] = [Number(options.readers), Number(options.leave)];
const CONNECTIONS = 50;
const LINK_SECRET = 'a-secret-of-thirty-two-characters';

const folder = newsletterFolder();
const postgres = options.postgres ? await startPostgres() : null;
const database = postgres ? await postgres.database() : join(folder.root, '.broadsheet/ledger.sqlite');
const sink = await startOwnSink();
const started: ChildProcess[] = [];

function start(line: string): ChildProcess {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
  const env = {
    ...{ PATH, HOME, TMPDIR, LINK_SECRET, SMTP_URL: `smtp://127.0.0.1:${sink.port}` },
    ...(postgres ? { DATABASE_URL: database } : {}),
  };
  const child = spawn(process.execPath, [MAIN, ...line.split(' ')], { cwd: folder.root, env });
  child.stderr.resume();
  started.push(child);
  return child;
}

/** Who of these leaves by their own links at once: what autocannon measured, and when each was answered (ms since 1970). */
async function leaveAtOnce(url: string, rows: readonly { readonly id: number; readonly key: string }[]) {
  const answered = new Map<string, number>();
  let next = 0;
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    amount: rows.length,
    timeout: 60,
    requests: [
      {
        method: 'POST',
        body: 'List-Unsubscribe=One-Click',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        setupRequest(request, context) {
          const { id, key } = rows[next % rows.length]!;
          next += 1;
          (context as { key: string }).key = key;
          const token = linkSigner(LINK_SECRET, { list: 'weekly', key })({
            purpose: 'live',
            action: 'unsubscribe',
            row: id,
          });
          return { ...request, path: `/u/${token}` };
        },
        onResponse(status, _body, context) {
          if (status === 200) answered.set((context as { key: string }).key, Date.now());
        },
      },
    ],
  });
  return { result, answered };
}

function tell(what: string, { result, answered }: Awaited<ReturnType<typeof leaveAtOnce>>): void {
  const { requests, latency, duration } = result;
  const rate = Math.round(requests.total / duration);
  console.log(
    `${what.padEnd(28)} ${String(rate).padStart(6)}/s   p50 ${latency.p50} ms   p99 ${latency.p99} ms   max ${latency.max} ms   ${answered.size} of ${leave} answered with 200`,
  );
}

try {
  folder.list(readers);
  const server = start('serve --json --port 0');
  const { url } = JSON.parse(String((await once(server.stdout!, 'data'))[0])) as { url: string };
  console.log(`${readers} readers, ${leave} of them leave at once, ${postgres ? 'PostgreSQL' : 'SQLite'}`);

  const ledger = await openLedger(database);
  const send = start(`send ${folder.issue} --list weekly --confirm ${folder.issue}`);
  const ended = once(send, 'exit');
  let campaign = (await ledger.campaigns(folder.issue))[0];
  for (; !campaign; [campaign] = await ledger.campaigns(folder.issue)) await sleep(50);
  // In its midst: a tenth is accepted.
  while ((await ledger.counts(campaign.id)).accepted < readers / 10) await sleep(50);
  // Every second of the last, so that some have theirs already and most have not.
  const rows = (await ledger.history(campaign.id, 0, readers))
    .slice(-2 * leave)
    .filter((_, index) => index % 2 === 0);
  const busy = await leaveAtOnce(url, rows);
  const after = await ledger.counts(campaign.id);
  tell('with a campaign under way', busy);
  console.log(
    `  of it ${after.accepted} were accepted when the last was answered, ${after.queued} were still to come`,
  );
  const [code] = await ended;
  const late = (await ledger.history(campaign.id, 0, readers)).filter(
    ({ key, begunAt }) => begunAt !== null && begunAt > (busy.answered.get(key) ?? Number.POSITIVE_INFINITY),
  );
  console.log(`  mailed after the answer: ${late.length} (send ended with ${code})`);

  const others = (await ledger.history(campaign.id, 0, readers))
    .slice(-2 * leave)
    .filter((_, index) => index % 2 === 1);
  tell('without one', await leaveAtOnce(url, others));
  tell('the same again', await leaveAtOnce(url, others));
  const health = await autocannon({ url: `${url}/healthz`, connections: CONNECTIONS, amount: leave });
  console.log(
    `${'GET /healthz beside it'.padEnd(28)} ${String(Math.round(leave / health.duration)).padStart(6)}/s`,
  );
  await ledger.close();
} finally {
  for (const child of started) child.kill('SIGKILL');
  sink.close();
  await postgres?.stop();
  folder.remove();
}
