import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stage } from '../../src/mail.ts';
import { outcomeOf, parseReply } from '../../src/transport/outcome.ts';
import { parseSmtpUrl } from '../../src/transport/parse-smtp-url.ts';

const BEFORE: readonly Stage[] = ['connect', 'greeting', 'ehlo', 'starttls', 'auth', 'mail'];
const READER: readonly Stage[] = ['rcpt', 'data', 'content', 'final'];
const stage = fc.constantFrom(...BEFORE, ...READER);
const code = (first: number) => fc.integer({ min: first * 100, max: first * 100 + 99 });
const noise = fc.string({ unit: 'binary', maxLength: 200 });

/** What happened, with the final dot possibly sent exactly when the stage is `final`. */
const at = (where: Stage, reply: string | null, more: { configuration?: boolean } = {}) =>
  outcomeOf({ stage: where, reply, error: 'lost', contentEnded: where === 'final', ...more });

describe('an outcome', () => {
  test('is one of the four whatever is said, and nothing is thrown', () => {
    fc.assert(
      fc.property(
        stage,
        fc.option(
          fc.oneof(
            noise,
            fc.tuple(fc.integer(), noise).map(([n, text]) => `${n}${text}`),
          ),
        ),
        noise,
        fc.boolean(),
        fc.boolean(),
        (where, reply, error, configuration, contentEnded) => {
          const outcome = outcomeOf({ stage: where, reply, error, configuration, contentEnded });
          expect(['accepted', 'deferred', 'rejected', 'uncertain']).toContain(outcome.kind);
          if (outcome.kind === 'accepted') expect(contentEnded).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('is rejected after 5yz to RCPT, DATA, in the content or after the final dot', () => {
    fc.assert(
      fc.property(fc.constantFrom(...READER), code(5), noise, (where, number, text) => {
        expect(at(where, `${number} ${text}`)).toMatchObject({ kind: 'rejected', reply: { code: number } });
      }),
    );
  });

  test('never blames the reader for what came before RCPT', () => {
    fc.assert(
      fc.property(fc.constantFrom(...BEFORE), fc.option(fc.oneof(code(4), code(5))), (where, number) => {
        const outcome = at(where, number === null ? null : `${number} no`);
        expect(outcome).toMatchObject({ kind: 'deferred' });
        expect(['relay', 'configuration']).toContain('cause' in outcome && outcome.cause);
      }),
    );
  });

  test('is uncertain when nothing that can be understood follows the final dot, never queued again', () => {
    fc.assert(
      fc.property(fc.option(fc.oneof(noise, code(3).map(String), code(1).map(String))), (reply) => {
        fc.pre(reply === null || !/^[245]\d\d(?!\d)/.test(reply.split(/\r?\n/).find(Boolean) ?? ''));
        expect(at('final', reply).kind).toBe('uncertain');
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['rcpt', '450 4.2.1 greylisted', 'recipient'],
    ['rcpt', '421 4.3.2 closing', 'relay'],
    ['data', '451 4.3.0 try later', 'recipient'],
    ['final', '421 4.3.2 closing', 'recipient'],
    ['final', '452 4.2.2 mailbox full', 'recipient'],
    ['content', null, 'connection'],
    ['rcpt', null, 'connection'],
    ['greeting', '554 5.7.1 go away', 'relay'],
    ['mail', '530 5.7.0 log in first', 'relay'],
    ['auth', '535 5.7.8 wrong', 'configuration'],
    ['auth', '454 4.7.0 later', 'relay'],
    ['starttls', '502 5.5.1 what?', 'configuration'],
    ['starttls', '454 4.7.0 later', 'relay'],
    ['data', '250 what a strange go-ahead', 'relay'],
    ['rcpt', '354 out of step', 'relay'],
  ] as const)('at %s with %s is deferred, cause %s', (where, reply, cause) => {
    expect(at(where, reply)).toMatchObject({ kind: 'deferred', cause, stage: where });
  });
});

describe('a reply', () => {
  test.each([
    ['250 2.0.0 taken', 250, '2.0.0', '2.0.0 taken'],
    ['550-5.1.1 no such\r\n550 5.1.1 reader', 550, '5.1.1', '5.1.1 no such 5.1.1 reader'],
    ['250', 250, null, ''],
    ['2500 ok', 0, null, '0 ok'],
    ['999 ok', 0, null, 'ok'],
    ['hello', 0, null, 'hello'],
    ['', 0, null, ''],
    ['550 5.1.1.1 odd', 550, null, '5.1.1.1 odd'],
    ['550 \u001b[2J\u0007gone\u202E', 550, null, '[2J gone'],
  ])('%j', (line, number, enhanced, text) => {
    expect(parseReply(line)).toEqual({ code: number, enhanced, text });
  });

  test('is one short line without control or direction characters, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (line) => {
        const { text } = parseReply(line);
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text.slice(0, 299)).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('SMTP_URL', () => {
  test.each([
    [
      'smtp://ann:p%40ss@mail.example.com',
      { host: 'mail.example.com', port: 587, secure: false, requireTls: true, user: 'ann', password: 'p@ss' },
    ],
    ['smtps://mail.example.com', { port: 465, secure: true, requireTls: false, user: null, password: null }],
    ['smtp://127.0.0.1:2525', { host: '127.0.0.1', port: 2525, requireTls: false }],
    ['smtp://localhost:25', { requireTls: false }],
    ['smtp://[::1]:25', { host: '::1', requireTls: false }],
    ['smtp://mail.example.com?tls=optional', { requireTls: false }],
    [
      'smtp://ann:t0ken@mail.example.com?auth=xoauth2',
      { auth: 'xoauth2', password: 't0ken', requireTls: true },
    ],
    ['smtp://ann:t@mail.example.com?auth=xoauth2&tls=optional', { auth: 'xoauth2', requireTls: false }],
    ['smtp://localhost.example.com', { requireTls: true }],
    ['smtp://127.0.0.1.example.com', { requireTls: true }],
  ])('%s', (text, expected) => {
    expect(parseSmtpUrl(text)).toMatchObject(expected);
  });

  test.each([
    ['', 'not an address'],
    ['mail.example.com:587', 'begins with'],
    ['http://mail.example.com', 'begins with http://'],
    ['smtp://', 'no server'],
    ['smtp://ann@mail.example.com', 'no password'],
    ['smtp://ann:100%@mail.example.com', '%25'],
    ['smtp://%zz:secret@mail.example.com', '%25'],
    ['smtp://mail.example.com?verify=no', 'tls=optional'],
    ['smtp://mail.example.com?tls=never', 'tls=optional'],
    ['smtp://ann:secret@mail.example.com?auth=cram-md5', 'auth=xoauth2'],
    ['smtp://mail.example.com?auth=xoauth2', 'needs a user'],
    ['smtp://ann@mail.example.com?auth=xoauth2', 'SMTP_OAUTH_TOKEN_URL'],
    ['smtp://ann:hunter2#1@mail.example.com', '%23'],
  ])('%j is a fault that says so', (text, words) => {
    const parsed = parseSmtpUrl(text);
    expect('fault' in parsed && parsed.fault).toContain(words);
  });

  test('is never a throw, and a fault never tells the password', () => {
    const part = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
    fc.assert(
      fc.property(part, part, part, (user, host, options) => {
        const parsed = parseSmtpUrl(`smtp://${user}:hunter2%@${host}?${options}`);
        if ('fault' in parsed) expect(parsed.fault).not.toContain('hunter2');
      }),
      { numRuns: 500 },
    );
  });
});
