import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimsOf } from '../../src/bounce/claims-of.ts';
import type { Severity } from '../../src/bounce/incoming.ts';
import { readIncoming } from '../../src/bounce/read-incoming.ts';
import { readMime, walk } from '../../src/bounce/read-mime.ts';
import { complaint, letter, messageIdOf, nameOf, POLICY, pathOf, report, written } from './written.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const real = readdirSync(FIXTURES).filter((name) => name.endsWith('.eml'));

/** What each real bounce is about: its reader, and how bad it is. README.md beside them says how each was made. */
const CASES: Readonly<Record<string, readonly [reader: string, severity: Severity]>> = {
  gone: ['gone@reader.example.org', 'hard'],
  headers: ['gone@reader.example.org', 'hard'],
  bare: ['bare@reader.example.org', 'hard'],
  unknown: ['nobody-here@mta.example.net', 'hard'],
  nohost: ['x@nohost.example.org', 'hard'],
  nullmx: ['x@nullmx.example.org', 'hard'],
  utf8: ['ádá@reader.example.org', 'hard'],
  full: ['full@reader.example.org', 'soft'],
  over: ['over@mta.example.net', 'soft'],
  spam: ['spam@reader.example.org', 'soft'],
  content: ['content@reader.example.org', 'soft'],
  relay: ['relay@reader.example.org', 'soft'],
  slow: ['slow@reader.example.org', 'soft'],
  down: ['x@down.example.org', 'soft'],
  delayed: ['slow@reader.example.org', 'none'],
  'down-delayed': ['x@down.example.org', 'none'],
  relayed: ['ok@reader.example.org', 'none'],
  delivered: ['fine@mta.example.net', 'none'],
};

describe('bounces that Postfix, Exim, OpenSMTPD and Sendmail wrote', () => {
  test('are all here', () => expect(real).toHaveLength(61));

  test.each(real)('%s', (file) => {
    const [reader, severity] = CASES[/^[a-z]+-([\w-]+)\.eml$/.exec(file)![1]!]!;
    const read = readIncoming(readFileSync(`${FIXTURES}/${file}`));
    expect(read.failures.map(({ address }) => address)).toEqual([reader]);
    expect(read.failures[0]!.severity, read.failures[0]!.diagnostic).toBe(severity);
    expect(read.kind).toBe(severity === 'none' ? 'delay' : 'bounce');
    const { verp, messageIds } = claimsOf(read, POLICY);
    expect(new Set(verp)).toEqual(new Set([nameOf(reader)]));
    expect(messageIds).toEqual([nameOf(reader)]);
  });
});

describe('bounces by the documentation of other servers', () => {
  test.each(written)('$name', ({ bytes, kind, severity, address }) => {
    const read = readIncoming(bytes);
    expect(read.kind).toBe(kind);
    expect(read.failures.map((failure) => failure.severity)).toEqual([severity]);
    expect(read.failures[0]!.address).toBe(address ?? '');
    expect(claimsOf(read, POLICY).verp).toHaveLength(1);
  });

  test('each part may be encoded', () => {
    const status = Buffer.from(
      'Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; fay@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n',
    ).toString('base64');
    const bytes = Buffer.from(
      `From: a@b.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n${status}\r\n--x--\r\n`,
    );
    expect(readIncoming(bytes).failures).toMatchObject([{ address: 'fay@b.example', severity: 'hard' }]);
  });

  test('a report may name many', () => {
    const status = ['a', 'b', 'c'].flatMap((name) => [
      `Final-Recipient: rfc822; ${name}@m.example`,
      'Action: failed',
      `Status: ${name === 'b' ? '4.2.2' : '5.1.1'}`,
      '',
    ]);
    const read = readIncoming(report({ key: 'a@m.example', status }));
    expect(read.failures.map(({ severity }) => severity)).toEqual(['hard', 'soft', 'hard']);
  });
});

describe('complaints (ARF)', () => {
  test('name the reader by the message that they return', () => {
    const read = readIncoming(complaint('ann@mailbox.example'));
    expect(read.kind).toBe('complaint');
    expect(read.messageIds).toEqual([messageIdOf('ann@mailbox.example')]);
    expect(claimsOf(read, POLICY).verp).toEqual([nameOf('ann@mailbox.example')]);
  });

  test('name the reader by their own fields', () => {
    const extra = [`Original-Mail-From: <${pathOf('x@y.example')}>`, 'Original-Rcpt-To: <x@y.example>'];
    const read = readIncoming(complaint('ann@mailbox.example', { extra }));
    expect(claimsOf(read, POLICY).verp).toContain(nameOf('x@y.example'));
    expect(read.failures.map(({ address }) => address)).toEqual(['x@y.example']);
  });

  test.each(['not-spam', 'auth-failure', 'dmarc', ''])('"%s" is no complaint', (type) => {
    expect(readIncoming(complaint('ann@mailbox.example', { type })).kind).toBe('letter');
  });
});

describe('other mail', () => {
  test.each([
    ['out of office', { 'Auto-Submitted': 'auto-replied', Subject: 'Away until Monday' }, 'auto-reply'],
    ['an old vacation program', { Precedence: 'auto_reply', Subject: 'Away' }, 'auto-reply'],
    ['an autoresponder', { 'X-Autoreply': 'yes', Subject: 'unsubscribe' }, 'auto-reply'],
    [
      'an answer of Domino',
      { Subject: 'AUTO: Ann is out of the office. (returning 05/01/2026)' },
      'auto-reply',
    ],
    ['a question about it', { Subject: 'Out of office hours, where do I find you?' }, 'letter'],
    [
      'a program of a mailbox that asks with a signed link',
      { 'Auto-Submitted': 'auto-generated', Subject: 'unsubscribe abcdefghijklmnopqrstuvwx23' },
      'unsubscribe',
    ],
    ['a request to leave', { Subject: 'unsubscribe abc.def' }, 'unsubscribe'],
    ['a request by hand', { Subject: 'Re: Unsubscribe' }, 'unsubscribe'],
    ['a letter', { Subject: 'How I unsubscribed from worry', 'Auto-Submitted': 'no' }, 'letter'],
    ['a letter about failure', { Subject: 'Returned mail', From: 'ann@mailbox.example' }, 'letter'],
  ])('%s', (_what, headers, kind) => {
    const bytes = letter({ From: 'ann@mailbox.example', To: 'news@news.example.com', ...headers });
    expect(readIncoming(bytes).kind).toBe(kind);
  });

  test('a token that was folded is whole again', () => {
    const read = readIncoming(letter({ Subject: 'unsubscribe eyJh\r\n bGci.c2ln\r\n bmF0' }));
    expect(read.unsubscribe).toBe('eyJhbGci.c2lnbmF0');
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no header', Buffer.from('\r\n\r\nwords')],
    ['octets', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256))],
    ['more than any report', Buffer.alloc(11_000_000, 'Subject: x\r\n')],
    [
      'a report cut before its status ends',
      report({ key: 'a@b.example', subject: 'x', from: 'a@b.example', status: ['Final-Rec'], returned: [] }),
    ],
  ])('%s is unreadable, and stays', (_what, bytes) => {
    expect(readIncoming(bytes).kind).toBe('unreadable');
  });
});

describe('hostile mail', () => {
  test('10,000 parts are not all read', () => {
    const part = '--x\r\nContent-Type: text/plain\r\n\r\nwords\r\n';
    const source = `Content-Type: multipart/mixed; boundary=x\r\n\r\n${part.repeat(10_000)}--x--\r\n`;
    expect([...walk(readMime(source))].length).toBeLessThanOrEqual(65);
  });

  test('messages within messages end at a depth', () => {
    let source = 'Subject: the innermost\r\n\r\nwords';
    for (let depth = 0; depth < 200; depth += 1)
      source = `Content-Type: message/rfc822\r\nX-Depth: ${depth}\r\n\r\n${source}`;
    expect([...walk(readMime(source))]).toHaveLength(9);
  });

  test('multiparts that share a delimiter end too', () => {
    const source = 'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n'.repeat(20_000);
    expect([...walk(readMime(source))].length).toBeLessThanOrEqual(65);
  });

  // DMARC reports come as these, from anybody.
  test.each([
    ['a compressed attachment', 'application/zip', 'PK\x03\x04 a bomb, if somebody opened it'],
    ['XML', 'text/xml', '<!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;&c;&c;</a>'],
  ])('%s is never opened', (_what, type, content) => {
    const read = readMime(
      `Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content).toString('base64')}\r\n--x--`,
    );
    expect(read.parts[0]).toMatchObject({ text: content, parts: [] });
  });

  test('whatever is cut off a report, nobody but its reader is named', () => {
    const whole = report({ key: 'ann@mailbox.example' });
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        const claims = claimsOf(readIncoming(whole.subarray(0, length)), POLICY);
        for (const name of [...claims.verp, ...claims.messageIds])
          expect(name).toBe(nameOf('ann@mailbox.example'));
      }),
      { numRuns: 500 },
    );
  });

  test('no octets make it throw or hang', () => {
    const token = fc.constantFrom(
      '\r\n', '\n', '\r\n\r\n', '--x', '--x--', 'Content-Type: multipart/report; boundary=x', ' ', ':', ';', '<', '>',
      'Content-Type: message/delivery-status', 'Final-Recipient: rfc822; a@b.example', 'Status: 5.1.1', 'Subject: ',
      'Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', 'X-Failed-Recipients: a@b.example', '@',
      'Hi. This is the qmail-send program', '<a@b.example>:', '\0', 'é', 'From: mailer-daemon', '=3D', '=',
    ); // biome-ignore format: a list
    fc.assert(
      fc.property(fc.array(fc.oneof(token, fc.string({ unit: 'binary' })), { maxLength: 80 }), (pieces) => {
        const read = readIncoming(Buffer.from(pieces.join('')));
        claimsOf(read, POLICY);
        expect(read.failures.length).toBeLessThanOrEqual(100);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['header lines', `X: ${'a\r\n '.repeat(300_000)}`],
    ['spaces', `Subject: ${' '.repeat(1_000_000)}x\r\n\r\n`],
    ['semicolons', `Content-Type: a/b${'; a="'.repeat(200_000)}\r\n\r\n`],
    ['addresses', `To: ${'a@'.repeat(400_000)}\r\n\r\n`],
    [
      'the words of qmail',
      `Subject: failure notice\r\n\r\nHi. This is the qmail-send\n\n${'<a@b>:\n\n'.repeat(100_000)}`,
    ],
    [
      'spaces in an encoded part',
      `Content-Transfer-Encoding: quoted-printable\r\n\r\n${' '.repeat(1_000_000)}`,
    ],
    [
      'the addresses of Sendmail',
      `Subject: x\r\n\r\n----- The following addresses had permanent fatal errors -----\n${'a@'.repeat(500_000)}<`,
    ],
    [
      'empty lines of Sendmail',
      `Subject: x\r\n\r\n----- The following addresses had permanent fatal errors -----${'\n'.repeat(1_000_000)}`,
    ],
    ['letters without an @', `To: ${'a'.repeat(1_000_000)}\r\n\r\n`],
    ['blank lines in a status', `Content-Type: message/delivery-status\r\n\r\n${'\r\n \t'.repeat(250_000)}`],
    ['blanks in a status', `Content-Type: message/delivery-status\r\n\r\n\n${' '.repeat(1_000_000)}`],
    ['digits', `From: mailer-daemon@x.example\r\nSubject: failure notice\r\n\r\n${'550 5.'.repeat(150_000)}`],
  ])('a megabyte of %s takes no longer than a megabyte should', (_what, text) => {
    // No clock: an engine that went back and forth over it would run into the test's own limit of a minute.
    expect(readIncoming(Buffer.from(text)).failures.length).toBeLessThanOrEqual(100);
  });
});
