import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupReplies } from '../../src/report/group-replies.ts';
import { replyKind } from '../../src/report/reply-kind.ts';

test.each([
  [
    '5.1.1 <ann@example.com>: Recipient address rejected: User unknown',
    '5.1.1 <…>: Recipient address rejected: User unknown',
  ],
  ['2.0.0 Ok: queued as 4AbC12345', '2.0.0 Ok: queued as …'],
  [
    "5.2.2 The recipient's inbox is full. https://support.google.com/mail/?p=OverQuotaPerm ffacd0b85a97d-42cb7f2 - gsmtp",
    "5.2.2 The recipient's inbox is full. https://support.google.com/mail/?p=OverQuotaPerm … - gsmtp",
  ],
  [
    '5.7.1 Service unavailable, Client host [192.0.2.7] blocked (S3140) (id 99af01be).',
    '5.7.1 Service unavailable, Client host […] blocked (S3140) (id …).',
  ],
  [
    '4.7.0 [TSS04] Messages from 192.0.2.9 temporarily deferred',
    '4.7.0 […] Messages from … temporarily deferred',
  ],
  ['No mailbox here by that name: ann.lee@mail.example.com', 'No mailbox here by that name: …'],
  ['', ''],
])('%j says %j', (reply, kind) => {
  expect(replyKind(reply)).toBe(kind);
});

test('no address is left, whatever else stands there, and it ends soon', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => !/[\s<>@]/u.test(text));
  fc.assert(
    fc.property(word, word, fc.string({ maxLength: 80 }), (local, domain, around) => {
      expect(replyKind(`${around} ${local}@${domain} <${local}@${domain}>`)).not.toContain(
        `${local}@${domain}`,
      );
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5000 }), (text) => replyKind(text).length <= 300),
  );
});

test('replies of one kind are one line, the most frequent first; states and codes are told apart', () => {
  const of = (state: 'rejected' | 'queued', code: number, reply: string, count: number) => ({
    state,
    code,
    enhanced: null,
    reply,
    count,
  });
  expect(
    groupReplies([
      of('rejected', 550, '<ann@example.com> unknown', 2),
      of('queued', 450, '<ann@example.com> unknown', 4),
      of('rejected', 550, '<bob@example.com> unknown', 3),
      of('rejected', 554, '<bob@example.com> unknown', 1),
    ]),
  ).toEqual([
    of('rejected', 550, '<…> unknown', 5),
    of('queued', 450, '<…> unknown', 4),
    of('rejected', 554, '<…> unknown', 1),
  ]);
});
