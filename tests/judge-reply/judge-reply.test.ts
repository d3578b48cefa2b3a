import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeReply } from '../../src/judge-reply.ts';
import { parseReply } from '../../src/transport/outcome.ts';

const judge = (line: string) => judgeReply(parseReply(line));

describe('a reply is about', () => {
  test.each([
    ['550 5.1.1 no such reader', 'gone'],
    [
      '550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550 5.1.1 double-checking',
      'gone',
    ],
    ['550 5.1.2 bad destination system', 'gone'],
    ['553 5.1.3 bad syntax', 'gone'],
    ['551 5.1.6 moved', 'gone'],
    ['556 5.1.10 null MX', 'gone'],
    ['550 5.2.1 The email account that you tried to reach is disabled', 'gone'],
    ['550 No such user here', 'gone'],
    ["554 delivery error: dd This user doesn't have a yahoo.com account", 'gone'],
    ['550 5.4.1 Recipient address rejected: Access denied', 'gone'],
    ['550 5.4.310 DNS domain gone.example does not exist', 'gone'],
    ['550 5.0.350 Remote server returned an error -> 550 no such user', 'gone'],
    ['550 User [a.reader@mail.example.com] does not exist', 'gone'],
    ['550 5.7.1 No such user c18si2365148hub', 'gone'],
    ['550 5.1.1 User unknown; our policy is at https://mail.example.com/spam', 'gone'],

    ['450 4.2.0 Greylisted for 300 seconds', 'greylisted'],
    ['451 4.7.1 Greylisting in action, please come back later', 'greylisted'],
    ['452 4.2.2 The recipient is out of storage space', 'mailbox-full'],
    ['552 5.2.2 Mailbox full', 'mailbox-full'],
    ['452 4.3.1 Insufficient system storage', 'other'],

    ['421 4.7.28 Our system has detected an unusual rate of unsolicited mail', 'rate-limited'],
    [
      '421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume or user complaints',
      'rate-limited',
    ],
    [
      '451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation',
      'rate-limited',
    ],
    [
      '550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery',
      'rate-limited',
    ],
    ['450 4.2.1 The user you are trying to contact is receiving mail too quickly', 'rate-limited'],
    ['454 Throttling failure: Maximum sending rate exceeded', 'rate-limited'],
    ['454 Throttling failure: Daily message quota exceeded', 'rate-limited'],
    ['550 5.4.5 Daily user sending limit exceeded', 'rate-limited'],
    ['421 Too many concurrent SMTP connections', 'rate-limited'],

    ['550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus', 'policy'],
    ['554 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org', 'policy'],
    ['550-5.7.26 Your email has been blocked because the sender is unauthenticated', 'policy'],
    ['554 5.7.1 <reader@example.com>: Relay access denied', 'policy'],
    ['550 5.1.8 sender domain does not resolve', 'policy'],
    ['550 Sender address rejected: Domain not found', 'policy'],
    ['451 4.7.1 SPF could not be looked up', 'policy'],
    ['550 user unknown or blocked by our reputation service', 'policy'],

    ['550 Sender verify failed: no such user', 'policy'],
    ['550 5.7.1 Sender address rejected: User unknown in virtual mailbox table', 'policy'],
    ['553 5.1.1 Your SPF record does not let you in', 'policy'],

    ['550 5.1.1 RCPT TO:<a@b.example> max message size exceeded', 'other'],
    ['552 5.3.4 Message size exceeds fixed limit', 'other'],
    ['421 4.3.2 restarting', 'other'],
    ['450 4.1.1 user unknown', 'other'],
    ['550', 'other'],
  ] as const)('%s: %s', (line, kind) => expect(judge(line)).toBe(kind));
});

test('4yz is never about a dead address, whatever else stands there', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 400, max: 499 }),
      fc.constantFrom('', '5.1.1 ', '4.1.1 '),
      fc.oneof(fc.string(), fc.constant('no such user')),
      (code, enhanced, words) => {
        expect(judge(`${code} ${enhanced}${words}`)).not.toBe('gone');
      },
    ),
  );
});

test('5.7.x without words of a missing mailbox is never about a dead address, but where its owner changed (RFC 7293)', () => {
  fc.assert(
    fc.property(fc.nat(999), fc.string(), (detail, words) => {
      fc.pre(detail !== 17);
      expect(judge(`550 5.7.${detail} ${words}`)).not.toBe('gone');
    }),
  );
});

test('hostile words of 3,000 letters are judged in no time', () => {
  const words = ['user '.repeat(600), 'address'.repeat(400), "doesn't have an ".repeat(190)];
  for (const text of words) expect(judgeReply({ code: 550, enhanced: null, text })).toBe('other');
});
