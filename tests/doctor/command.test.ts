import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readLink } from '../../src/audience/links.ts';
import { startImapServer } from '../bounce/imap-server.ts';
import { inCi, KEY, origin } from '../ledger-branch/clones.ts';
import { startPostgres } from '../support/postgres.ts';
import { runCommand } from '../support/run-command.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { testCertificate } from '../support/test-certificate.ts';
import { openWeb } from '../web/open-web.ts';
import { startDnsServer } from './dns-server.ts';
import { good, type Zone } from './zone.ts';

const SECRET = 'a link secret of the tests';

interface Found {
  readonly check: string;
  readonly verdict: string;
  readonly says: string;
  readonly mend: string;
}

/** Runs the doctor against servers of these tests and gives what it found by check. */
async function examine(zone: Zone, setup: { config?: object; env?: Record<string, string> } = {}) {
  const dns = await startDnsServer(zone);
  const project = temporaryProject({}, { unsubscribeMailto: 'leave@example.com', ...setup.config });
  const ended = await runCommand(project.root, `doctor --json --dns ${dns.address}`, setup.env ?? {});
  const { diagnoses, rules } = JSON.parse(ended.stdout) as {
    diagnoses: Found[];
    rules: { rule: string; verdict: string; mend: string }[];
  };
  const verdicts = Object.fromEntries(diagnoses.map(({ check, verdict }) => [check, verdict]));
  return {
    ...ended,
    dns,
    diagnoses,
    rules,
    verdicts,
    of: (check: string) => diagnoses.filter((one) => one.check === check),
  };
}

/** A web server that answers each request with this status, and tells what it was asked. */
async function webServer(status: number, headers: Record<string, string> = {}) {
  const asked: { method: string; url: string; body: string; cookie: string | undefined }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push({ method: request.method!, url: request.url!, body, cookie: request.headers.cookie });
    response.writeHead(status, headers).end('words');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('a good zone and a good server: everything passes, and so do the rules that can be seen from here', async () => {
  const server = await startSmtpServer({ extensions: ['SIZE 52428800', '8BITMIME', 'AUTH PLAIN'] });
  onTestFinished(() => server.close());
  const keys = await runCommand(temporaryProject().root, 'keys new --json');
  const { dkimPrivateKey, dkim, records } = JSON.parse(keys.stdout);
  const zone: Zone = {
    ...good,
    'TXT example.com': ['v=spf1 ip4:127.0.0.1 -all'],
    [`TXT ${records[0].name}`]: [records[0].value],
  };
  const { code, verdicts, rules, of, stderr } = await examine(zone, {
    config: { dkim, bounceAddress: 'bounce@example.com' },
    env: {
      SMTP_URL: server.url.replace('smtp://', 'smtp://me:pass%20word@'),
      DKIM_PRIVATE_KEY: dkimPrivateKey,
      LINK_SECRET: SECRET,
      BOUNCE_MAILBOX: 'mail',
    },
  });
  expect(verdicts, stderr).toEqual({
    config: 'pass',
    secrets: 'pass',
    bounces: 'pass',
    smtp: 'pass',
    tls: 'pass',
    size: 'pass',
    spf: 'pass',
    dkim: 'pass',
    dmarc: 'pass',
    alignment: 'pass',
    mx: 'pass',
    ptr: 'unknown',
    unsubscribe: 'advice',
    clock: 'unknown',
    ledger: 'pass',
    complaints: 'unknown',
  });
  expect(of('smtp')[0]!.says).toContain('takes our login');
  expect(of('size')[0]!.says).toContain('52,428,800');
  expect(code).toBe(0);
  expect(rules.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  expect(server.received, 'the doctor sends nothing').toEqual([]);
});

test('a bad zone and no server: each fault is named with what to do', async () => {
  const { code, verdicts, rules, diagnoses } = await examine(
    {
      'TXT example.com': ['v=spf1 +all'],
      'TXT _dmarc.example.com': ['v=DMARC1; p=nonsense'],
      'MX example.com': ['0 .'],
    },
    { config: { dkim: { domain: 'example.net', selector: 's1' }, postalAddress: null } },
  );
  expect(verdicts).toMatchObject({
    config: 'fail',
    secrets: 'advice',
    spf: 'fail',
    dkim: 'fail',
    dmarc: 'fail',
    mx: 'fail',
  });
  for (const { verdict, says, mend } of diagnoses)
    if (verdict === 'fail') expect(mend, `${says} has no remedy`).not.toBe('');
  expect(code).toBe(1);
  expect(rules.filter(({ verdict }) => verdict === 'fail').map(({ rule }) => rule)).toEqual(
    expect.arrayContaining([
      'SPF passes',
      'DKIM passes',
      'DMARC, at least p=none',
      'An address that can be answered',
    ]),
  );
});

describe('a DNS that', () => {
  const env = { SMTP_URL: 'smtp://127.0.0.1:9' };
  test.each([
    ['silence', 'DNS does not answer'],
    ['garbage', 'cannot be read'],
    ['refused', 'cannot be read'],
  ])('gives %s is not taken for an empty zone', async (what, says) => {
    const broken = new Error(what);
    const { verdicts, of } = await examine(
      { 'TXT example.com': broken, 'TXT _dmarc.example.com': broken, 'MX example.com': broken },
      { env },
    );
    expect(verdicts).toMatchObject({ spf: 'unknown', dmarc: 'unknown', mx: 'unknown' });
    expect(of('spf')[0]!.says).toContain(says);
  });

  test('loops is not followed for ever', async () => {
    const { of, dns } = await examine(
      {
        'TXT example.com': ['v=spf1 include:a.example.com -all'],
        'TXT a.example.com': ['v=spf1 include:example.com -all'],
      },
      { env },
    );
    expect(of('spf')[0]).toMatchObject({ verdict: 'fail', says: expect.stringContaining('broken') });
    expect(dns.asked.length).toBeLessThan(60);
  });

  test('writes to the terminal is not obeyed', async () => {
    const dns = await startDnsServer({ 'TXT example.com': ['v=spf1 +all \x1b[2J\x07\r\nexp=x'] });
    const { stderr } = await runCommand(temporaryProject().root, `doctor --dns ${dns.address}`, env);
    expect(stderr).toContain('allows everybody: v=spf1 +all [2J exp=x');
    expect(stderr).not.toMatch(/\x1b\[2J|\x07/);
  });
});

describe('the mail server', () => {
  test('that refuses the login is named, the password is not', async () => {
    const server = await startSmtpServer({
      extensions: ['AUTH PLAIN'],
      auth: (said) => `535 5.7.8 no: ${said}`,
    });
    onTestFinished(() => server.close());
    const { of, stdout, stderr, code } = await examine(good, {
      env: { SMTP_URL: server.url.replace('smtp://', 'smtp://me:hidden-word@') },
    });
    expect(of('smtp')[0]).toMatchObject({ verdict: 'fail', says: expect.stringContaining('failed at auth') });
    expect(of('smtp')[0]!.mend).toContain('SMTP_URL');
    const all = stdout + stderr;
    expect(all).not.toContain('hidden-word');
    expect(all).not.toContain(Buffer.from('\0me\0hidden-word').toString('base64'));
    expect(code).toBe(1);
  });

  test('that is not there', async () => {
    const server = await startSmtpServer();
    await server.close();
    const { of } = await examine(good, { env: { SMTP_URL: server.url } });
    expect(of('smtp')[0]).toMatchObject({
      verdict: 'fail',
      says: expect.stringContaining('failed at connect'),
    });
  });

  test('whose certificate nobody signed', async () => {
    const server = await startSmtpServer({ secure: true });
    onTestFinished(() => server.close());
    const { of } = await examine(good, { env: { SMTP_URL: server.url.replace('smtp:', 'smtps:') } });
    expect(of('tls')[0]).toMatchObject({ verdict: 'fail', says: expect.stringMatching(/self-signed/) });
  });

  test('that takes little', async () => {
    const server = await startSmtpServer({ extensions: ['SIZE 200000'] });
    onTestFinished(() => server.close());
    const { of } = await examine(good, { env: { SMTP_URL: server.url } });
    expect(of('size')[0]).toMatchObject({ verdict: 'advice', says: expect.stringContaining('200,000') });
  });
});

describe('one-click', () => {
  test('is asked as Gmail asks, with a link that changes nothing', async () => {
    const web = await webServer(200, { date: new Date(Date.now() - 7_200_000).toUTCString() });
    const { verdicts, of } = await examine(good, {
      config: { publicUrl: web.url },
      env: { LINK_SECRET: SECRET },
    });
    expect(web.asked).toEqual([
      {
        method: 'POST',
        url: expect.stringMatching(/^\/u\//),
        body: 'List-Unsubscribe=One-Click',
        cookie: undefined,
      },
    ]);
    expect(readLink(web.asked[0]!.url.split('/').at(-1)!)).toMatchObject({ purpose: 'test' });
    expect(of('unsubscribe')[0]).toMatchObject({
      verdict: 'fail',
      says: expect.stringContaining('not https'),
    });
    expect(verdicts.clock, 'two hours off').toBe('fail');
  });
});

test('our own public server, over https, passes, and its clock is looked at', async () => {
  const secure = createTlsServer({ key: testCertificate.key, cert: testCertificate.cert });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => void secure.close());
  const publicUrl = `https://localhost:${(secure.address() as AddressInfo).port}/letters`;
  const { web, suppressed } = await openWeb({ publicUrl });
  secure.on('request', getRequestListener(web.fetch));
  const authority = join(temporaryProject({ 'ca.pem': testCertificate.cert }).root, 'ca.pem');
  const { of, verdicts } = await examine(good, {
    config: { publicUrl },
    env: { LINK_SECRET: SECRET, NODE_EXTRA_CA_CERTS: authority },
  });
  expect(of('unsubscribe')[0]).toMatchObject({ verdict: 'pass' });
  expect(verdicts.clock).toBe('pass');
  expect(await suppressed(), 'the link of a test changes nothing').toEqual({});
  const stranger = await examine(good, { config: { publicUrl }, env: { LINK_SECRET: SECRET } });
  expect(stranger.of('unsubscribe')[0], 'a certificate that nobody signed').toMatchObject({
    verdict: 'fail',
  });
});

test('each of several mail servers is looked at', async () => {
  const one = await startSmtpServer();
  const two = await startSmtpServer();
  onTestFinished(() => one.close());
  await two.close();
  const { of } = await examine(good, { env: { SMTP_URL: `${one.url} ${two.url}` } });
  expect(of('smtp').map(({ verdict }) => verdict)).toEqual(['pass', 'fail']);
  expect(of('spf')).toHaveLength(2);
});

describe('the ledger', () => {
  test('as a file that is none is named', async () => {
    const dns = await startDnsServer(good);
    const project = temporaryProject({
      '.broadsheet/ledger.sqlite': 'not a database, though long enough'.repeat(40),
    });
    const ended = await runCommand(project.root, `doctor --json --dns ${dns.address}`);
    const { diagnoses } = JSON.parse(ended.stdout) as { diagnoses: Found[] };
    expect(
      diagnoses.find(({ check }) => check === 'ledger'),
      ended.stderr,
    ).toMatchObject({
      verdict: 'fail',
      says: expect.stringContaining('The ledger (a file)'),
    });
    expect(ended.code).toBe(1);
  });

  test('in PostgreSQL is read there, and a server that is not there is named without its password', async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const there = await examine(good, { env: { DATABASE_URL: await postgres.database() } });
    expect(there.of('ledger')[0]).toMatchObject({
      verdict: 'pass',
      says: expect.stringContaining('in PostgreSQL'),
    });
    const gone = await examine(good, { env: { DATABASE_URL: 'postgres://me:hidden-word@127.0.0.1:9/news' } });
    expect(gone.of('ledger')[0]).toMatchObject({ verdict: 'fail' });
    expect(gone.stdout + gone.stderr).not.toContain('hidden-word');
  });

  test('on its branch is read from there, and one of another key is named', async () => {
    const smtp = await startSmtpServer();
    onTestFinished(() => smtp.close());
    const issue = `---\ntitle: Hello\nsendAt: ${new Date().toISOString()}\n---\nWords.\n`;
    const here = origin(
      { 'issues/hello.md': issue, 'subscribers/weekly.csv': 'email\nada@example.com\n' },
      { approval: 'none' },
    );
    const sent = await inCi(here.clone(), 'send --due --new-ledger', smtp.url);
    expect(sent.code, sent.stderr).toBe(0);
    const dns = await startDnsServer(good);
    const look = async (more: Record<string, string>) => {
      const ended = await inCi(here.clone(), `doctor --json --dns ${dns.address}`, smtp.url, more);
      return (JSON.parse(ended.stdout) as { diagnoses: Found[] }).diagnoses.find(
        ({ check }) => check === 'ledger',
      );
    };
    expect(await look({})).toMatchObject({ verdict: 'pass', says: expect.stringContaining('1 campaign,') });
    expect(await look({ LEDGER_KEY: KEY.replace('c', 'd') })).toMatchObject({ verdict: 'fail' });
  });
});

test('--records prints lines for a zone file', async () => {
  const dns = await startDnsServer({});
  const project = temporaryProject({}, { bounceAddress: 'bounce@bounce.example.com' });
  const { stdout, code } = await runCommand(project.root, `doctor --records --dns ${dns.address}`, {
    SMTP_URL: 'smtp://me:x@smtp.postmarkapp.com:587',
  });
  expect(stdout).toContain('bounce.example.com. 3600 IN TXT "v=spf1 include:spf.mtasv.net ~all"');
  expect(stdout).toContain(
    '_dmarc.example.com. 3600 IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@example.com"',
  );
  expect(code).toBe(0);
});

test('keys makes keys that the rest takes, and writes no file', async () => {
  const project = temporaryProject();
  const before = project.names('.');
  const { stdout, stderr, code } = await runCommand(project.root, 'keys new --ed25519');
  expect(code).toBe(0);
  expect(project.names('.')).toEqual(before);
  expect(stdout).toMatch(
    /^LINK_SECRET=[0-9a-f]{64}\nLEDGER_KEY=[0-9a-f]{64}\nDKIM_PRIVATE_KEY="-----BEGIN PRIVATE KEY-----\\n[^\n]+"\n$/,
  );
  const pem = /DKIM_PRIVATE_KEY="(.*)"/.exec(stdout)![1]!.replaceAll('\\n', '\n');
  const der = createPublicKey(createPrivateKey(pem))
    .export({ type: 'spki', format: 'der' })
    .toString('base64');
  expect(stderr.replace(/" "/g, '')).toContain(`p=${der}`);
  expect(stderr).toContain('-ed25519._domainkey.example.com');

  project.write('.env', stdout);
  const again = await runCommand(project.root, 'keys new');
  expect(again.stdout, 'what is set stays').toBe('');
  expect(again.stderr).toContain('--all');
  const anew = await runCommand(project.root, 'keys new --all --json');
  expect(JSON.parse(anew.stdout).linkSecret).not.toBe(/LINK_SECRET=(.*)/.exec(stdout)![1]);
  const status = await runCommand(project.root, 'status');
  expect(status.code, `${status.stdout}${status.stderr}`).toBe(0);
});

test.each([
  ['doctor --dns somewhere', ['no address of a server', '127.0.0.1:53']],
  ['keys old', ['"old" is nothing that keys can do']],
])('%s is told', async (line, says) => {
  const { code, stderr } = await runCommand(temporaryProject().root, line);
  for (const words of says) expect(stderr).toContain(words);
  expect(code).toBe(2);
});

test('--to sends one test and reads what its receiver made of it', async () => {
  const imap = await startImapServer([]);
  const server = await startSmtpServer({
    final() {
      // It is in the mailbox a moment after the server took it.
      setImmediate(() => {
        const results = 'Authentication-Results: mx.example.net; spf=pass; dkim=fail; dmarc=pass';
        const bytes = Buffer.from(`${results}\r\n${server.received[0]!.content}`);
        imap.messages.push({ bytes, flags: new Set() });
      });
      return '250 taken';
    },
  });
  onTestFinished(() => server.close());
  const dns = await startDnsServer(good);
  const project = temporaryProject({
    'issues/hello.md': '---\ntitle: Hello\ndate: 2026-02-02\n---\nWords.\n',
  });
  const { stdout, stderr, code } = await runCommand(
    project.root,
    `doctor --json --dns ${dns.address} --to editor@example.com`,
    { SMTP_URL: server.url, BOUNCE_MAILBOX: imap.url },
  );
  const { diagnoses } = JSON.parse(stdout) as { diagnoses: Found[] };
  const said = diagnoses.filter(({ says }) => says.startsWith('mx.example.net'));
  expect(
    said.map(({ check, verdict }) => `${check} ${verdict}`),
    stderr,
  ).toEqual(['spf pass', 'dkim fail', 'dmarc pass']);
  expect(server.accepted()).toEqual(['editor@example.com']);
  expect(server.received[0]!.content).toMatch(/^Subject: \[TEST\] Hello/m);
  expect(imap.messages[0]!.flags.size, 'the message stays unseen').toBe(0);
  expect(code).toBe(1);
});
