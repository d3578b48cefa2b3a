import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';
import { openSmtp, type SmtpOptions, type SmtpTransport } from '../../src/transport/smtp.ts';
import { type Script, type ScriptedServer, startSmtpServer } from '../support/smtp-server.ts';
import { testCertificate } from '../support/test-certificate.ts';
import { messageTo } from './message-to.ts';

const toClose: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close();
});

/** A server with a script, and a transport to it; `url` changes what is known of the server. */
async function scene(
  script: Script = {},
  url: (plain: string) => string = (plain) => plain,
  options: Partial<SmtpOptions> = {},
): Promise<{ server: ScriptedServer; smtp: SmtpTransport; send: ReturnType<typeof sender> }> {
  const server = await startSmtpServer(script);
  toClose.push(server);
  const relay = parseSmtpUrl(url(server.url));
  if ('fault' in relay) throw new Error(relay.fault);
  const smtp = openSmtp(relay, { connections: 2, ...options });
  toClose.push(smtp);
  return { server, smtp, send: sender(smtp) };
}

const yes = async () => true;
const sender =
  (smtp: SmtpTransport) =>
  (to: string, gate: () => Promise<boolean> = yes) =>
    smtp.send(messageTo(to), gate);

/** With and without PIPELINING nodemailer takes different ways. */
const PIPELINING = [{ extensions: ['PIPELINING', '8BITMIME'] }, { extensions: ['8BITMIME'] }];
const STAGES = ['rcpt', 'data', 'final'] as const;

describe.each(PIPELINING)('with $extensions', (dialect) => {
  test('250: the message arrives as it is, dots and all', async () => {
    const { server, smtp } = await scene(dialect);
    const body = '.\r\n..\r\n.two\r\nthree.\r\n\r\n';
    const outcome = await smtp.send(messageTo('ann@example.com', body), yes);
    expect(outcome).toMatchObject({ kind: 'accepted', stage: 'final', reply: { code: 250, text: 'taken' } });
    expect(server.received).toMatchObject([{ from: 'bounce@example.com', to: ['ann@example.com'] }]);
    expect(server.received[0]!.content.endsWith(`\r\n\r\n${body}`), 'content as it was').toBe(true);
  });

  test.each(
    STAGES.flatMap((stage) =>
      ([450, 451, 421, 550, 552, 554] as const).map((code) => ({
        stage,
        code,
        kind: code >= 500 ? 'rejected' : 'deferred',
        cause: code >= 500 ? undefined : code === 421 && stage !== 'final' ? 'relay' : 'recipient',
      })),
    ),
  )('$code at $stage is $kind $cause, and the next reader gets hers', async (expected) => {
    const { stage, code, kind, cause } = expected;
    const { server, send } = await scene({
      ...dialect,
      [stage]: (to: string) =>
        to === 'bob@example.com'
          ? `${code} 5.0.0 no`
          : { rcpt: '250 ok', data: '354 go', final: '250 ok' }[stage],
    });
    expect(await send('bob@example.com')).toMatchObject({
      kind,
      reply: { code },
      stage: stage === 'rcpt' && code === 421 && dialect.extensions.length === 2 ? expect.any(String) : stage,
      ...(cause && { cause }),
    });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'accepted' });
    expect(server.accepted()).toEqual(['ann@example.com']);
    expect(server.sessions, 'a refusal costs no connection, a 421 does').toBe(code === 421 ? 2 : 1);
  });

  test.each([
    ['mail', { mail: '451 4.3.0 later' }, 'relay'],
    ['mail', { mail: '553 5.7.1 not your sender' }, 'relay'],
  ] as const)('a refusal at %s is nobody’s fault among the readers', async (stage, script, cause) => {
    const { server, send } = await scene({ ...dialect, ...script });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'deferred', cause, stage });
    expect(server.contentOctets).toBe(0);
  });

  test.each(['mail', 'rcpt', 'data'] as const)(
    'a drop at %s: no content, sent again later',
    async (stage) => {
      const { server, send } = await scene({ ...dialect, [stage]: 'drop' });
      const outcome = await send('ann@example.com');
      expect(outcome).toMatchObject({
        kind: 'deferred',
        cause: stage === 'mail' ? 'relay' : 'connection',
        stage,
        reply: null,
      });
      expect(server.contentOctets).toBe(0);
    },
  );

  test('a drop in the content: no final dot was sent, so it is sent again', async () => {
    const { server, smtp } = await scene({ ...dialect, dropInContent: 100_000 });
    const pieces = Array.from({ length: 200 }, () => `${'x'.repeat(65_534)}\r\n`);
    const outcome = await smtp.send(messageTo('ann@example.com', pieces), yes);
    expect(outcome).toMatchObject({ kind: 'deferred', cause: 'connection', stage: 'content' });
    expect(server.received).toEqual([]);
  });

  test('a drop after the final dot is uncertain', async () => {
    const { server, send } = await scene({ ...dialect, final: 'drop' });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'uncertain', stage: 'final' });
    expect(server.received).toHaveLength(1);
  });

  test('silence after the final dot is uncertain when the time is over', async () => {
    const { send } = await scene({ ...dialect, final: 'silence' }, undefined, { socketTimeout: 300 });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'uncertain' });
  });

  test('nonsense after the final dot is uncertain', async () => {
    const { send } = await scene({ ...dialect, final: 'all is well' });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'uncertain' });
  });
});

describe('the gate', () => {
  test.each(PIPELINING)(
    'is asked once, after the 354 and before any content, with $extensions',
    async (dialect) => {
      const { server, send } = await scene(dialect);
      const seen: unknown[] = [];
      const outcome = await send('ann@example.com', async () => {
        seen.push([server.commands.at(-1), server.contentOctets]);
        return true;
      });
      expect(outcome.kind).toBe('accepted');
      expect(seen).toEqual([['DATA', 0]]);
    },
  );

  test('that says no withholds every byte, and the next message goes', async () => {
    const { server, send } = await scene();
    expect(await send('ann@example.com', async () => false)).toEqual({ kind: 'withheld' });
    expect(await send('bob@example.com')).toMatchObject({ kind: 'accepted' });
    expect(server.accepted()).toEqual(['bob@example.com']);
    expect(server.contentOctets).toBe(messageTo('bob@example.com').size);
  });

  test('that throws is thrown on, with no byte sent', async () => {
    const { server, send } = await scene();
    const broken = new Error('the disk is full');
    await expect(send('ann@example.com', () => Promise.reject(broken))).rejects.toBe(broken);
    expect(server.contentOctets).toBe(0);
    expect(server.received).toEqual([]);
  });

  test.each([
    ['RCPT is refused', { rcpt: '550 no' }],
    ['DATA is refused', { data: '451 no' }],
    ['the connection drops at DATA', { data: 'drop' }],
    ['250 answers DATA', { data: '250 go on' }],
    ['a reply comes along with the 354', { data: '354 go\r\n250 taken already' }],
    ['354 answers DATA after the recipient was refused', { rcpt: '550 no', data: '354 go' }],
  ] as const)('is not asked when %s', async (_, script) => {
    for (const dialect of PIPELINING) {
      const { server, send } = await scene({ ...dialect, ...script });
      let asked = 0;
      const outcome = await send('ann@example.com', async () => {
        asked += 1;
        return true;
      });
      expect(asked).toBe(0);
      expect(['deferred', 'rejected']).toContain(outcome.kind);
      expect(server.contentOctets, 'content that arrived').toBe(0);
    }
  });

  test('is heard to the end when the connection dies meanwhile', async () => {
    const { server, send } = await scene();
    const order: string[] = [];
    const outcome = await send('ann@example.com', async () => {
      await server.close();
      // The client hears of it while the ledger still writes.
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      order.push('gate');
      return true;
    });
    order.push('outcome');
    expect(order).toEqual(['gate', 'outcome']);
    expect(outcome).toMatchObject({ kind: 'deferred', cause: 'connection' });
    expect(server.contentOctets).toBe(0);
  });
});

describe('replies nobody asked for never make a message accepted', () => {
  test.each([
    ['after EHLO', { ehlo: '250 hello\r\n250 extra' }],
    ['after MAIL', { mail: '250 ok\r\n250 extra' }],
    ['after RCPT', { rcpt: '250 ok\r\n250 extra' }],
    ['with the 354', { data: '354 go\r\n250 extra' }],
  ] as const)('%s', async (_, script) => {
    for (const dialect of PIPELINING) {
      const { server, send } = await scene({ ...dialect, ...script });
      const outcome = await send('ann@example.com');
      expect(outcome.kind).toBe('deferred');
      expect(server.accepted()).toEqual([]);
    }
  });

  test('after a message that was accepted: it stays so, and the next gets a true answer', async () => {
    const { server, send } = await scene({
      final: (to) => (to === 'ann@example.com' ? '250 ok\r\n250 extra' : '550 no'),
    });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'accepted' });
    expect(await send('bob@example.com')).toMatchObject({ kind: 'rejected' });
    expect(server.accepted()).toEqual(['ann@example.com']);
  });
});

describe('before the first message', () => {
  test.each([
    ['554 at the greeting', { greeting: '554 5.7.1 not you' }, { reply: { code: 554 } }],
    ['421 at the greeting', { greeting: '421 too many' }, { reply: { code: 421 } }],
    ['nonsense at the greeting', { greeting: 'HTTP/1.1 400 Bad Request' }, {}],
    ['a drop at the greeting', { greeting: 'drop' }, { reply: null }],
    ['silence at the greeting', { greeting: 'silence' }, { reply: null }],
    ['421 at EHLO', { ehlo: '421 later' }, { reply: { code: 421 } }],
    ['a drop at EHLO', { ehlo: 'drop' }, { reply: null }],
  ] as const)('%s is the relay’s', async (_, script, more) => {
    const { server, send } = await scene(script, undefined, { connectTimeout: 300 });
    const outcome = await send('ann@example.com', () => expect.fail('the gate was asked'));
    expect(outcome).toMatchObject({ kind: 'deferred', cause: 'relay', ...more });
    expect(server.contentOctets).toBe(0);
  });

  test('nobody listens: the relay’s', async () => {
    const { server, send } = await scene();
    await server.close();
    expect(await send('ann@example.com')).toMatchObject({
      kind: 'deferred',
      cause: 'relay',
      stage: 'connect',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  const asAnn = (url: string) => url.replace('://', '://ann:s3cret-w0rd@');

  test.each([
    ['535 5.7.8 wrong password', 'configuration'],
    ['534 5.7.9 use an app password', 'configuration'],
    ['502 5.5.1 no such command', 'configuration'],
    ['454 4.7.0 later', 'relay'],
    ['421 4.3.2 closing', 'relay'],
    ['drop', 'relay'],
  ])('%s to the login: %s, and nobody is rejected', async (auth, cause) => {
    const { server, send } = await scene({ auth, extensions: ['AUTH PLAIN'] }, asAnn);
    expect(await send('ann@example.com')).toMatchObject({ kind: 'deferred', cause, stage: 'auth' });
    expect(server.commands.join()).not.toContain('MAIL');
  });

  test('the right password opens', async () => {
    const { server, send } = await scene({ extensions: ['AUTH LOGIN PLAIN'] }, asAnn);
    expect(await send('ann@example.com')).toMatchObject({ kind: 'accepted' });
    const token = /AUTH PLAIN (\S+)/.exec(server.commands.join('\n'))![1]!;
    expect(Buffer.from(token, 'base64').toString()).toBe('\0ann\0s3cret-w0rd');
  });

  test('a server that repeats the login does not put the password into the reason', async () => {
    const echo = (line: string) =>
      `535 I heard ${line} that is ${Buffer.from(line.split(' ')[2]!, 'base64').toString().replaceAll('\0', ' ')}`;
    const { send } = await scene({ auth: echo, extensions: ['AUTH PLAIN'] }, asAnn);
    const told = JSON.stringify(await send('ann@example.com'));
    expect(told).toContain('I heard');
    for (const form of ['s3cret-w0rd', Buffer.from('\0ann\0s3cret-w0rd').toString('base64')])
      expect(told).not.toContain(form);
  });
});

describe('TLS', () => {
  /** As if the server were not on this machine: TLS or nothing. */
  const far = async (script: Script, host = '127.0.0.1') => {
    const server = await startSmtpServer(script);
    toClose.push(server);
    const relay = parseSmtpUrl(server.url.replace('127.0.0.1', host));
    if ('fault' in relay) throw new Error(relay.fault);
    const requireTls = !relay.secure;
    const smtp = openSmtp({ ...relay, requireTls }, { connections: 1, connectTimeout: 2000 });
    toClose.push(smtp);
    return { server, send: sender(smtp) };
  };

  test.each([
    ['is not offered', { starttls: '502 5.5.1 what?', extensions: [] }, 'configuration'],
    ['is refused', { starttls: '554 5.7.3 no', extensions: ['STARTTLS'] }, 'configuration'],
    ['shows a certificate that nobody signed', { extensions: ['STARTTLS'] }, 'configuration'],
    ['is not to be had now', { starttls: '454 4.7.0 later', extensions: ['STARTTLS'] }, 'relay'],
    ['breaks off', { starttls: 'drop', extensions: ['STARTTLS'] }, 'relay'],
  ] as const)('that %s: nothing is sent in the clear', async (_, script, cause) => {
    const { server, send } = await far(script);
    expect(await send('ann@example.com')).toMatchObject({ kind: 'deferred', cause });
    expect(server.commands.join()).not.toMatch(/MAIL|AUTH/);
  });

  test.each([
    ['STARTTLS', { extensions: ['STARTTLS'] }],
    ['TLS from the first byte', { secure: true }],
  ] as const)('by %s: a good certificate counts for its own name only', async (_, script) => {
    const before = getCACertificates('default');
    setDefaultCACertificates([testCertificate.cert]);
    onTestFinished(() => setDefaultCACertificates(before));
    const own = await far(script, 'localhost');
    expect(await own.send('ann@example.com')).toMatchObject({ kind: 'accepted' });
    // The same machine by a name that the certificate does not hold.
    const other = await far(script, '127.1');
    expect(await other.send('ann@example.com')).toMatchObject({
      kind: 'deferred',
      cause: 'configuration',
      reason: expect.stringMatching(/altnames/),
    });
    expect(other.server.commands.join()).not.toMatch(/MAIL|AUTH/);
  });

  test('from the first byte with a certificate that nobody signed is a fault of configuration', async () => {
    const { send } = await scene({ secure: true });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'deferred', cause: 'configuration' });
  });

  test('from the first byte to a server without it is a fault of configuration', async () => {
    const { send } = await scene({}, (url) => url.replace('smtp:', 'smtps:'), { connectTimeout: 2000 });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'deferred', cause: 'configuration' });
  });

  test('on this machine is taken when offered, with whatever certificate', async () => {
    const { server, send } = await scene({ extensions: ['STARTTLS', 'PIPELINING'] });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'accepted' });
    expect(server.commands).toContain('STARTTLS');
    expect(server.accepted()).toEqual(['ann@example.com']);
  });
});

describe('addresses', () => {
  test.each([
    'ann@example.com\r\nRCPT TO:<eve@example.com>',
    'ann@example.com\nDATA',
    'ann@example.com> SIZE=1',
    'ann lee@example.com',
    'ann@example.com\u0000',
    'ann\u2028@example.com',
    '<ann@example.com>',
    '',
  ])('%j never reaches the wire, and only this reader is rejected', async (address) => {
    const { server, send } = await scene();
    expect(await send(address)).toMatchObject({ kind: 'rejected', stage: 'rcpt' });
    expect(await send('bob@example.com')).toMatchObject({ kind: 'accepted' });
    expect(server.commands.filter((line) => line.startsWith('RCPT'))).toEqual(['RCPT TO:<bob@example.com>']);
  });

  test('beyond ASCII go to a server with SMTPUTF8', async () => {
    const { server, send } = await scene({ extensions: ['SMTPUTF8', '8BITMIME'] });
    expect(await send('zoë@example.com')).toMatchObject({ kind: 'accepted' });
    expect(server.accepted()).toEqual(['zoë@example.com']);
    expect(server.commands.find((line) => line.startsWith('MAIL'))).toMatch(/ SMTPUTF8\b/);
  });

  test('in ASCII ask for no SMTPUTF8, though it is offered', async () => {
    const { server, send } = await scene({ extensions: ['SMTPUTF8', '8BITMIME'] });
    expect(await send('zoe@xn--mnchen-3ya.example')).toMatchObject({ kind: 'accepted' });
    expect(server.commands.join()).not.toContain('SMTPUTF8');
  });

  test('beyond ASCII are rejected for a server without it, in clear words, and the lane goes on', async () => {
    const { server, send } = await scene();
    expect(await send('zoë@example.com', () => expect.fail('the gate was asked'))).toMatchObject({
      kind: 'rejected',
      stage: 'rcpt',
      reply: { text: expect.stringContaining('SMTPUTF8') },
    });
    expect(await send('ann@example.com')).toMatchObject({ kind: 'accepted' });
    expect(server.commands.join('\n')).not.toContain('zo');
    expect(server.sessions).toBe(1);
  });
});

describe('a hostile reply', () => {
  test('has its control characters taken out', async () => {
    const { send } = await scene({ rcpt: '550 5.1.1 \u001b[31mred\u0007 \u009b2J gone' });
    const outcome = await send('ann@example.com');
    expect(outcome.kind).toBe('rejected');
    expect(JSON.stringify(outcome)).not.toMatch(/\\u00|\u009b/);
  });

  test.each([
    ['a line of 1 MB', `550 ${'x'.repeat(1024 * 1024)}`],
    ['many lines that never end', '550-no\r\n'.repeat(20_000)],
  ])('of %s is not waited for', async (_, rcpt) => {
    const { server, send } = await scene({ rcpt });
    const outcome = await send('ann@example.com');
    expect(JSON.stringify(outcome).length).toBeLessThan(1000);
    expect(['deferred', 'rejected']).toContain(outcome.kind);
    expect(server.contentOctets).toBe(0);
  });
});

describe('lanes', () => {
  test('are kept from message to message', async () => {
    const { server, send } = await scene();
    for (let n = 0; n < 20; n += 1)
      expect(await send(`r${n}@example.com`)).toMatchObject({ kind: 'accepted' });
    expect(server.sessions).toBe(1);
  });

  test.each([
    ['closes idle connections', {}],
    [
      'says 421 to the next MAIL',
      { mail: (_: string, session: number) => (session === 1 ? '421 enough' : '250 ok') },
    ],
    ['drops at the next MAIL', { mail: (_: string, session: number) => (session === 1 ? 'drop' : '250 ok') }],
  ])('that the server %s are opened again, unnoticed', async (name, second) => {
    const { server, send } = await scene();
    await send('ann@example.com');
    if (name === 'closes idle connections') {
      const { port } = server;
      await server.close();
      const again = await startSmtpServer({}, port);
      toClose.push(again);
      expect(await send('bob@example.com')).toMatchObject({ kind: 'accepted' });
      expect(again.accepted()).toEqual(['bob@example.com']);
      return;
    }
    server.play(second);
    expect(await send('bob@example.com')).toMatchObject({ kind: 'accepted' });
    expect(server.accepted()).toEqual(['ann@example.com', 'bob@example.com']);
  });

  test('are closed with the transport', async () => {
    const { server, smtp, send } = await scene();
    await send('ann@example.com');
    await smtp.close();
    while (server.open > 0) await new Promise(setImmediate);
    expect(server.open).toBe(0);
  });
});
