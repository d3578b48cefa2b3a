import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeFailure } from '../../src/bounce/judge-failure.ts';

const judge = (status: string, diagnostic = '', action = 'failed') =>
  judgeFailure({ action, status, diagnostic });

describe('the address is at fault', () => {
  test.each([
    ['5.1.1', ''],
    ['5.1.2', ''],
    ['5.1.3', ''],
    ['5.1.10', 'smtp; 556 5.1.10 the domain takes no mail'],
    ['5.2.1', 'smtp; 550 5.2.1 this account is disabled'],
    ['5.4.4', 'X-Postfix; Host or domain name not found'],
    ['5.0.0', 'smtp; 550 5.1.1 User unknown'],
    ['', 'smtp; 550 No such user'],
    ['5.0.0', "smtp; 554 delivery error: dd This user doesn't have a mailbox.example account"],
    ['5.0.0', 'smtp; 554 30 Sorry, this mailbox is disabled'],
    ['5.4.1', 'smtp; 550 5.4.1 Recipient address rejected: Access denied'],
    ['5.4.310', 'smtp;550 5.4.310 DNS domain gone.example does not exist'],
    ['5.1.351', 'smtp;550 5.1.351 Remote server returned unknown recipient'],
    ['5.0.350', 'smtp;550 5.0.350 Remote server returned an error -> 550 no such user'],
    ['5.0.0', 'smtp; 550 User [a.reader@mail.example.com] does not exist'],
    ['5.0.0', 'smtp; 550-<a@b.example> is not a known user on this system'],
    ['5.0.0', 'smtp; 551 <a@b.example> is a deactivated mailbox'],
    ['5.7.1', 'SMTP; 550 5.7.1 No such user c18si2365148hub'],
    ['5.1.1', 'smtp; 550 5.1.1 User unknown; our policy is at https://mail.example.com/spam'],
    ['5.1.0', 'X-Postfix; Domain nullmx.example.org does not accept mail (nullMX)'],
    ['5.0.0', 'an MX or SRV record indicated no SMTP service'],
  ])('%s %s', (status, words) => expect(judge(status, words)).toBe('hard'));
});

describe('something else is at fault, so the reader stays', () => {
  test.each([
    ['5.2.2', 'smtp; 552 5.2.2 mailbox full'],
    ['5.2.1', 'smtp; 550-5.2.1 The user is receiving mail at a rate that prevents more messages'],
    ['5.1.1', 'smtp; 550 RCPT TO:<a@b.example> max message size exceeded'],
    ['5.7.1', 'smtp; 550 5.7.1 Sender address rejected: User unknown in virtual mailbox table'],
    ['5.0.0', 'smtp; 550-Sender verify failed 550 no such user'],
    ['5.0.0', 'smtp; 550 <no.such.user@blocked.example> refused'],
    ['5.2.3', 'smtp; 552 5.2.3 message too large'],
    ['5.3.4', ''],
    ['5.7.1', 'smtp; 550 5.7.1 refused as spam'],
    ['5.7.26', 'smtp; 550-5.7.26 unauthenticated mail is not taken'],
    ['5.1.8', 'smtp; 550 5.1.8 the sender domain does not resolve'],
    ['5.1.7', ''],
    ['4.2.2', ''],
    ['4.1.1', 'smtp; 450 4.1.1 user unknown'],
    ['4.4.7', 'X-Postfix; delivery temporarily suspended'],
    ['', 'smtp; 421 come back later'],
    ['5.0.0', 'smtp; 550 user unknown or blocked by our reputation service'],
    ['5.4.6', 'mail loop'],
    ['', ''],
  ])('%s %s', (status, words) => expect(judge(status, words)).toBe('soft'));
});

test.each(['delayed', 'Delivered', 'relayed', 'expanded', 'relayed (to non-DSN-aware mailer)'])(
  '"%s" is no failure',
  (action) => {
    expect(judge('5.1.1', 'smtp; 550 user unknown', action)).toBe('none');
  },
);

test('what the server said for now is never taken for good', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(99), fc.string(), (subject, detail, words) => {
      expect(judge(`4.${subject}.${detail}`, words)).not.toBe('hard');
    }),
  );
});
