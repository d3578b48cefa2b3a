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
  ])('%s %s', (status, words) => expect(judge(status, words)).toBe('hard'));
});

describe('something else is at fault, so the reader stays', () => {
  test.each([
    ['5.2.2', 'smtp; 552 5.2.2 mailbox full'],
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

test.each(['delayed', 'Delivered', 'relayed', 'expanded'])('"%s" is no failure', (action) => {
  expect(judge('5.1.1', 'smtp; 550 user unknown', action)).toBe('none');
});

test('what the server said for now is never taken for good', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(99), fc.string(), (subject, detail, words) => {
      expect(judge(`4.${subject}.${detail}`, words)).not.toBe('hard');
    }),
  );
});
