import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { compileEmail } from '../../src/email/compile-email.ts';
import { packEmail } from '../../src/email/pack-email.ts';
import { fill } from '../../src/email/stencil.ts';
import { deliver } from '../../src/engine/deliver.ts';
import { parseIssue } from '../../src/issue/parse-issue.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { prepareMessages } from '../../src/message/prepare-messages.ts';
import { senderOf } from '../../src/message/sender-of.ts';
import { openProject } from '../../src/project.ts';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp } from '../../src/transport/smtp.ts';
import { newsletter as plain } from '../email/sample.ts';
import { benchCompile } from './compile.ts';

/**
 * `npm run bench`: how fast, as ratios against a peer in the same run, for machines differ and are shared. About a
 * minute; all traffic stays on this machine.
 */
const ROUNDS = 5;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const newsletter = {
  ...plain,
  dkim: { domain: 'example.com', selector: 's1', exclude: [] },
  limits: { ...plain.limits, connections: 10 },
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = openProject(root);
const specimen = readFileSync(join(root, 'issues/2026-10-specimen.md'), 'utf8');
const [, front = '', body = ''] = /^(---[\s\S]*?---\n)([\s\S]*)$/.exec(specimen) ?? [];
// As large as a full newsletter: about 25 KB of Markdown.
const source = front + Array.from({ length: Math.ceil(25_000 / body.length) }, () => body).join('\n');
const { issue } = parseIssue('issues/bench.md', Buffer.from(source));
const template = await project.template('newsletter');
if (!issue || 'findings' in template) throw new Error('The sample issue cannot be read');
const asset = project.assetReader({ ...issue, folder: 'issues' });
const compile = async () => {
  const { email, findings } = await compileEmail(issue, template, newsletter, asset);
  if (!email) throw new Error(findings.map(({ message }) => message).join('\n'));
  return email;
};
const email = await compile();
const html = fill(email.html, () => 'x', {});
const text = fill(email.text, () => 'x', {});

const median = (values: readonly number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
const timed = async (work: () => unknown) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
/** Both in turn, so that a busy moment of the machine hits both. */
async function race(name: string, ours: () => unknown, theirs: () => unknown, peer: string): Promise<void> {
  const [mine, other]: [number[], number[]] = [[], []];
  await ours();
  await theirs();
  for (let round = 0; round < ROUNDS; round += 1) {
    mine.push(await timed(ours));
    other.push(await timed(theirs));
  }
  const ratio = median(other) / median(mine);
  console.log(
    `${name.padEnd(34)} ${median(mine).toFixed(0).padStart(7)} ms   ${peer.padEnd(44)} ${median(other).toFixed(0).padStart(7)} ms   ${ratio.toFixed(2)} times as fast`,
  );
}

console.log(
  `an issue of ${(source.length / 1000).toFixed(0)} KB, HTML of ${(html.length / 1000).toFixed(0)} KB; medians of ${ROUNDS} rounds in turn\n`,
);
await benchCompile();

const sender = senderOf(newsletter, email, 'weekly', 'live');
const readers = Array.from({ length: 500 }, (_, index) => ({
  address: `reader${index}@example.com`,
  key: `reader${index}@example.com`,
  fields: { name: `Reader ${index}` },
}));
const secrets = { linkSecret: 'a-secret-of-thirty-two-characters', dkimKey: pem };
const composer = nodemailer.createTransport({
  streamTransport: true,
  buffer: true,
  dkim: { domainName: 'example.com', keySelector: 's1', privateKey: pem },
});
const mailTo = (address: string) => ({ from: 'news@example.com', to: address, subject: 'Bench', text, html });
await race(
  'stamp and sign 500 messages',
  () => {
    const stamp = prepareMessages(email, { id: 'bench', sender }, secrets);
    for (const reader of readers) stamp(reader, 0);
  },
  async () => {
    for (const { address } of readers) await composer.sendMail(mailTo(address));
  },
  'nodemailer composing and signing each',
);

const sink = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  onData(stream, _session, callback) {
    stream.resume();
    stream.on('end', () => callback());
  },
});
sink.server.on('connection', (socket) => socket.setNoDelay(true));
await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', () => resolve()));
const { port } = sink.server.address() as { port: number };
const folder = mkdtempSync(join(tmpdir(), 'broadsheet-bench-'));
let campaigns = 0;
await race(
  'deliver 500, ledger durable',
  async () => {
    campaigns += 1;
    const id = `bench${campaigns}`;
    const ledger = await openLedger(join(folder, `${id}.sqlite`));
    await ledger.record(
      {
        id,
        slug: id,
        list: 'weekly',
        digest: email.digest,
        sender,
        state: 'running',
        reason: '',
        createdAt: Date.now(),
      },
      packEmail(email),
      readers,
    );
    const relay = parseSmtpUrl(`smtp://127.0.0.1:${port}`);
    if ('fault' in relay) throw new Error(relay.fault);
    const transport = openSmtp(relay, { connections: newsletter.limits.connections });
    const report = await deliver({
      ledger,
      campaignId: id,
      relays: [{ name: 'sink', transport, weight: null, limits: newsletter.limits }],
      domains: {},
      stamp: prepareMessages(email, { id, sender }, secrets),
      clock: {
        now: Date.now,
        sleep: (ms, aborted) => sleep(ms, undefined, { signal: aborted }).catch(() => {}),
        every: () => () => {},
      },
      random: Math.random,
      until: Date.now() + 60_000,
      signal: new AbortController().signal,
    });
    if (report.counts.accepted !== readers.length) throw new Error(JSON.stringify(report));
    await transport.close();
    await ledger.close();
  },
  async () => {
    const pool = nodemailer.createTransport({
      host: '127.0.0.1',
      port,
      pool: true,
      maxConnections: newsletter.limits.connections,
      ignoreTLS: true,
      dkim: { domainName: 'example.com', keySelector: 's1', privateKey: pem },
    });
    await Promise.all(readers.map(({ address }) => pool.sendMail(mailTo(address))));
    pool.close();
  },
  "nodemailer's pool, no ledger",
);
await new Promise<void>((resolve) => sink.close(() => resolve()));
rmSync(folder, { recursive: true, force: true });
