import { expect, test } from 'vitest';
import { isGenuine, readLink } from '../../src/audience/links.ts';
import { BadHeaderValue } from '../../src/message/header-value.ts';
import { prepareMessages } from '../../src/message/prepare-messages.ts';
import { ann, bob, bytesOf, DATE, email, header, headersOf, parse, sender, write } from './letter.ts';

const names = (letter?: Parameters<typeof write>[0]) =>
  headersOf(write(letter)).map((line) => line.slice(0, line.indexOf(':')));

test('every message says who, to whom, what, when, and how to leave', async () => {
  const message = write({ sender: { replyTo: { name: 'Letters', address: 'letters@example.com' } } });
  expect(header(message, 'From')).toBe('"The Broadside" <news@example.com>');
  expect(header(message, 'Reply-To')).toBe('"Letters" <letters@example.com>');
  expect(header(message, 'To')).toBe('"Ann" <ann@example.com>');
  expect(header(message, 'Subject')).toBe('The first');
  expect(header(message, 'Date')).toBe('Tue, 20 Oct 2026 08:30:05 +0000');
  expect(header(message, 'Message-ID')).toMatch(/^<[a-f\d]{32}\.c4mpa1gn@example\.com>$/);
  expect(header(message, 'List-Id')).toBe('"The weekly letter" <weekly.example.com>');
  expect(header(message, 'List-Unsubscribe')).toMatch(
    /^<https:\/\/mail\.example\.com\/u\/[a-z2-7]{23}>, <mailto:leave@example\.com\?subject=unsubscribe%20[a-z2-7]{23}>$/,
  );
  expect(header(message, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  expect(header(message, 'Feedback-ID')).toBe('c4mpa1gn:weekly:first:examplecom');
  expect(header(message, 'Precedence')).toBe('bulk');
  expect(header(message, 'MIME-Version')).toBe('1.0');
  expect(header(message, 'Content-Type')).toMatch(/^multipart\/alternative; boundary="=_[a-f\d]{24}"$/);
  const { postal, mailparser } = await parse(message);
  expect(postal).toMatchObject({
    from: { name: 'The Broadside', address: 'news@example.com' },
    to: [{ name: 'Ann', address: 'ann@example.com' }],
    replyTo: [{ name: 'Letters', address: 'letters@example.com' }],
    subject: 'The first',
    date: new Date(DATE).toISOString(),
    messageId: message.messageId,
  });
  expect(mailparser.date).toEqual(new Date(DATE));
  expect(mailparser.messageId).toBe(message.messageId);
  expect(mailparser.from!.value).toEqual([{ name: 'The Broadside', address: 'news@example.com' }]);
});

test('each header stands once, and none but these', () => {
  expect(names()).toEqual([
    'From', 'To', 'Subject', 'Date', 'Message-ID', 'List-Unsubscribe', 'List-Unsubscribe-Post', 'List-Id',
    'Feedback-ID', 'Precedence', 'MIME-Version', 'Content-Type',
  ]); // biome-ignore format: a list
});

test('the links to leave are signed for this reader, list and issue', () => {
  const found = header(write(), 'List-Unsubscribe')!;
  const [, url, mail] = /\/u\/(\w+)>.*unsubscribe%20(\w+)>/.exec(found)!;
  for (const token of [url!, mail!]) {
    const link = readLink(token)!;
    expect(link).toMatchObject({ purpose: 'live', action: 'unsubscribe', row: 7 });
    expect(isGenuine(['a secret'], link, { list: 'weekly', key: ann.key })).toBe(true);
    expect(isGenuine(['another secret'], link, { list: 'weekly', key: ann.key })).toBe(false);
  }
  expect(header(write({ to: bob }), 'List-Unsubscribe')).not.toBe(found);
});

test.each([
  [
    'no publicUrl',
    { publicUrl: null },
    'a secret',
    /^<mailto:leave@example\.com\?subject=unsubscribe%20\w+>$/,
  ],
  ['no secret', {}, null, /^<mailto:leave@example\.com\?subject=unsubscribe%20weekly>$/],
  ['no mailbox', { unsubscribeMailto: null }, 'a secret', /^<https:\/\/mail\.example\.com\/u\/\w+>$/],
  ['neither', { publicUrl: null, unsubscribeMailto: null }, 'a secret', undefined],
] as const)('with %s', (_what, changes, linkSecret, wanted) => {
  const message = write({ sender: changes, linkSecret });
  const found = header(message, 'List-Unsubscribe');
  if (wanted) expect(found).toMatch(wanted);
  else expect(found).toBeUndefined();
  // RFC 8058: one click is a POST to the https address; a mailto cannot take it.
  const oneClick = header(message, 'List-Unsubscribe-Post');
  expect(oneClick).toBe(found?.includes('<https:') ? 'List-Unsubscribe=One-Click' : undefined);
});

test('the mailbox to leave by is written as a URL (RFC 6068)', () => {
  const message = write({ sender: { publicUrl: null, unsubscribeMailto: "a+b&c=%?d'@example.com" } });
  expect(header(message, 'List-Unsubscribe')).toMatch(/^<mailto:a\+b%26c%3D%25%3Fd'@example\.com\?subject=/);
});

test('without Reply-To there is none', () => {
  expect(header(write(), 'Reply-To')).toBeUndefined();
});

test('a reader without a name is an address', () => {
  expect(header(write({ to: { ...ann, fields: {} } }), 'To')).toBe('ann@example.com');
  expect(header(write({ to: { ...ann, fields: { name: '  ' } } }), 'To')).toBe('ann@example.com');
});

test('a test says so in its subject, and its links change nothing', () => {
  const message = write({ sender: { purpose: 'test' } });
  expect(header(message, 'Subject')).toBe('[TEST] The first');
  const [, token] = /\/u\/(\w+)>/.exec(header(message, 'List-Unsubscribe')!)!;
  expect(readLink(token!)?.purpose).toBe('test');
});

test('a test without any set-up can still be answered to leave', () => {
  const message = write({
    sender: { purpose: 'test', publicUrl: null, unsubscribeMailto: null },
    linkSecret: null,
  });
  expect(header(message, 'List-Unsubscribe')).toBe('<mailto:news@example.com?subject=unsubscribe%20weekly>');
});

test('fields in the subject are the reader’s', () => {
  const subject = [
    'For ',
    { kind: 'field', name: 'subscriber.name', fallback: 'you', landing: 'header' },
    ': the first',
  ] as const;
  expect(header(write({ email: { subject } }), 'Subject')).toBe('For Ann: the first');
  expect(header(write({ email: { subject }, to: { ...ann, fields: {} } }), 'Subject')).toBe(
    'For you: the first',
  );
});

const subject = [
  'Hi ',
  { kind: 'field', name: 'subscriber.city', fallback: null, landing: 'header' },
] as const;

test.each(['\r\nBcc: all@example.com', '\n\nbody', 'a\rb', 'a\0b', 'a\u2028b'])(
  'a reader whose data holds %j is refused, and only that reader',
  (bad) => {
    const stamp = prepareMessages(
      email({ subject }),
      { id: 'c', sender: sender() },
      { linkSecret: null, dkimKey: null },
    );
    expect(() => stamp({ ...ann, fields: { name: `Ann${bad}` } }, DATE)).toThrow(BadHeaderValue);
    expect(() => stamp({ ...ann, fields: { name: 'Ann', city: `Ulm${bad}` } }, DATE)).toThrow(BadHeaderValue);
    expect(() => stamp({ ...ann, address: `ann@example.com${bad}` }, DATE)).toThrow(BadHeaderValue);
    expect(header(stamp({ ...bob, fields: { name: 'Bob', city: 'Ulm' } }, DATE), 'Subject')).toBe('Hi Ulm');
  },
);

test.each([
  ['the list’s title', { listTitle: 'Weekly\r\nBcc: all@example.com' }],
  ['the list’s id', { listId: 'weekly\r\nBcc: all@example.com' }],
  ['the sender’s name', { from: { name: 'News\r\nBcc: all@example.com', address: 'news@example.com' } }],
  ['the sender’s address', { from: { name: '', address: 'news@example.com\r\nBcc: all@example.com' } }],
  ['Reply-To', { replyTo: { name: 'x\0', address: 'news@example.com' } }],
])('what would break everybody’s header is refused before anybody is written to: %s', (_what, changes) => {
  expect(() =>
    prepareMessages(email(), { id: 'c', sender: sender(changes) }, { linkSecret: null, dkimKey: null }),
  ).toThrow(BadHeaderValue);
});

test('a name of the list in another script arrives', async () => {
  const { postal } = await parse(
    write({ sender: { listTitle: '週刊 – Woche für Woche, "wirklich" <alles>' } }),
  );
  const value = postal.headers.find(({ key }) => key === 'list-id')!.value;
  expect(value).toMatch(/<weekly\.example\.com>$/);
});

test('long subjects in any script fold and arrive, with the mark of a test before them', async () => {
  for (const title of [
    'x'.repeat(2000),
    '新聞'.repeat(1000),
    '🦊 '.repeat(300).trim(),
    'word '.repeat(400).trim(),
  ]) {
    const message = write({ email: { subject: [title] }, sender: { purpose: 'test' } });
    const { postal, mailparser } = await parse(message);
    expect(postal.subject).toBe(`[TEST] ${title}`);
    expect(mailparser.subject).toBe(`[TEST] ${title}`);
  }
});

test('only what cannot be folded makes a header line longer than 78', () => {
  const message = write({
    email: { subject: ['新聞'.repeat(100)], slug: 'a-slug-of-some-length'.repeat(4) },
    sender: {
      listTitle: 'A title of a list that goes on, and on, and on, for reasons of its own',
      purpose: 'test',
    },
  });
  const [head = ''] = bytesOf(message).toString().split('\r\n\r\n');
  for (const line of head.split('\r\n')) {
    expect(line.length).toBeLessThanOrEqual(998);
    if (line.length > 78) expect(line.trim().replace(/^[\w-]+: /, '')).not.toContain(' ');
  }
});

test('the same input gives the same bytes; readers and campaigns differ', () => {
  const bytes = (letter?: Parameters<typeof write>[0]) => bytesOf(write(letter)).toString();
  expect(bytes()).toBe(bytes());
  expect(bytes()).not.toBe(bytes({ date: DATE + 1000 }));
  const ids = [{}, { to: bob }, { id: 'another' }].map((letter) => write(letter).messageId);
  expect(new Set(ids).size).toBe(3);
  expect(write({ date: 0 }).messageId).toBe(ids[0]);
});

test('no address of a reader is in the identifiers', () => {
  const message = write({ sender: { bounceAddress: 'bounce@example.com' } });
  expect(message.messageId).not.toContain('ann');
  expect(message.envelope.from).toMatch(/^bounce\+[a-f\d]{32}@example\.com$/);
  expect(message.envelope.to).toBe('ann@example.com');
  expect(header(message, 'List-Unsubscribe')).not.toContain('ann@');
});

test('bounces come back to the sender when there is no bounce address', () => {
  expect(write().envelope.from).toBe('news@example.com');
});

test('a UTF-8 local part is written as it is: its server must take it anyway', () => {
  const message = write({ to: { ...ann, address: 'jörg@example.com' } });
  expect(header(message, 'To')).toBe('"Ann" <jörg@example.com>');
});
