import { deliveryIdentity } from '../../src/message/delivery-identity.ts';

/** The newsletter of these tests: the same as that of the fixtures. */
export const SECRET = 'a link secret of the tests';
export const CAMPAIGN = 'c0ffee0123456789';
export const POLICY = { bounceAddress: 'bounce@news.example.com', linkSecrets: [SECRET] };

export const nameOf = (key: string, secret: string | null = SECRET) =>
  deliveryIdentity(secret, CAMPAIGN, key);
export const pathOf = (key: string) => `bounce+${nameOf(key)}@news.example.com`;
export const messageIdOf = (key: string) => `<${nameOf(key)}.${CAMPAIGN}@news.example.com>`;

const wire = (lines: readonly string[]) => Buffer.from(lines.join('\r\n'));

/** The message that went out, as servers return it. */
export const returned = (key: string): string[] => [
  `Return-Path: <${pathOf(key)}>`,
  'From: The Broadside <news@news.example.com>',
  `To: ${key}`,
  'Subject: The first issue',
  `Message-ID: ${messageIdOf(key)}`,
  'Content-Type: text/plain',
  '',
  'The words of an issue.',
];

export interface Report {
  readonly key: string;
  readonly to?: string;
  readonly from?: string;
  readonly subject?: string;
  readonly headers?: readonly string[];
  readonly words?: readonly string[];
  /** Lines of the recipient's block; null leaves the delivery status out. */
  readonly status?: readonly string[] | null;
  readonly statusType?: string;
  readonly returned?: readonly string[];
  readonly returnedType?: string;
}

/** A report by RFC 6522 and 3464 with what a server makes different. */
export function report(given: Report): Buffer {
  const { key, to = pathOf(key) } = given;
  const status = given.status === undefined ? gone(key) : given.status;
  return wire([
    `From: ${given.from ?? 'Mail Delivery Subsystem <mailer-daemon@mx.example.net>'}`,
    `To: <${to}>`,
    `Subject: ${given.subject ?? 'Delivery Status Notification (Failure)'}`,
    ...(given.headers ?? []),
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="=_cut here"',
    '',
    'What old programs show.',
    '',
    '--=_cut here',
    'Content-Type: text/plain; charset=utf-8',
    '',
    ...(given.words ?? ['Your message did not arrive.']),
    '',
    ...(status
      ? [
          '--=_cut here',
          `Content-Type: ${given.statusType ?? 'message/delivery-status'}`,
          '',
          'Reporting-MTA: dns; mx.example.net',
          'Arrival-Date: Wed, 25 Nov 2026 01:00:00 +0000',
          '',
          ...status,
          '',
        ]
      : []),
    '--=_cut here',
    `Content-Type: ${given.returnedType ?? 'message/rfc822'}`,
    '',
    ...(given.returned ?? returned(key)),
    '',
    '--=_cut here--',
    '',
  ]);
}

const gone = (key: string) => [
  `Final-Recipient: rfc822; ${key}`,
  'Action: failed',
  'Status: 5.1.1',
  'Diagnostic-Code: smtp; 550 5.1.1 The mailbox is not here',
];

/**
 * What large providers and older servers write, after their documentation; the words are ours.
 * Exchange: learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/non-delivery-reports-in-exchange-online.
 * Gmail: support.google.com/a/answer/3726730. qmail: cr.yp.to/proto/qsbmf.txt. Sendmail: its DSNs of today are among the
 * fixtures; the older form is in its Installation and Operation Guide. UTF-8: RFC 6533 §3.
 */
export const written: readonly {
  readonly name: string;
  readonly bytes: Buffer;
  readonly kind: string;
  readonly severity: 'hard' | 'soft' | 'none';
  /** Null: the format names no address. */
  readonly address: string | null;
}[] = [
  {
    name: 'Gmail, no such account',
    bytes: report({
      key: 'ann@mailbox.example',
      headers: ['X-Failed-Recipients: ann@mailbox.example', 'Auto-Submitted: auto-replied'],
      status: [
        'Final-Recipient: rfc822; ann@mailbox.example',
        'Action: failed',
        'Status: 5.1.1',
        'Remote-MTA: dns; mx.mailbox.example. (192.0.2.1, the server for the domain mailbox.example.)',
        'Diagnostic-Code: smtp; 550-5.1.1 The account that you tried to reach does not exist. Look for',
        ' 550-5.1.1 typing errors or spaces.',
        ' 550 5.1.1 NoSuchUser x1-20020a.1 - gsmtp',
        'Last-Attempt-Date: Wed, 25 Nov 2026 01:00:00 -0800 (PST)',
      ],
    }),
    kind: 'bounce',
    severity: 'hard',
    address: 'ann@mailbox.example',
  },
  {
    name: 'Gmail, only delayed',
    bytes: report({
      key: 'ann@mailbox.example',
      subject: 'Delivery Status Notification (Delay)',
      status: [
        'Final-Recipient: rfc822; ann@mailbox.example',
        'Action: delayed',
        'Status: 4.4.1',
        'Diagnostic-Code: smtp; The server did not answer',
        'Will-Retry-Until: Sat, 28 Nov 2026 01:00:00 +0000',
      ],
    }),
    kind: 'delay',
    severity: 'none',
    address: 'ann@mailbox.example',
  },
  {
    name: 'Gmail, over quota',
    bytes: report({
      key: 'ann@mailbox.example',
      status: [
        'Final-Recipient: rfc822; ann@mailbox.example',
        'Action: failed',
        'Status: 5.2.2',
        'Diagnostic-Code: smtp; 552-5.2.2 The account is out of storage space',
      ],
    }),
    kind: 'bounce',
    severity: 'soft',
    address: 'ann@mailbox.example',
  },
  {
    name: 'Gmail, too much mail for one account',
    bytes: report({
      key: 'ann@mailbox.example',
      status: [
        'Final-Recipient: rfc822; ann@mailbox.example',
        'Action: failed',
        'Status: 5.2.1',
        'Diagnostic-Code: smtp; 550-5.2.1 This reader gets mail at a rate that lets no more in. - gsmtp',
      ],
    }),
    kind: 'bounce',
    severity: 'soft',
    address: 'ann@mailbox.example',
  },
  {
    name: 'Exchange Online, a domain that is not there',
    bytes: report({
      key: 'ben@firm.example',
      status: [
        'Final-Recipient: rfc822;ben@firm.example',
        'Action: failed',
        'Status: 5.4.310',
        'Diagnostic-Code: smtp;550 5.4.310 DNS domain firm.example does not exist [Message=InfoDomainNonexistent]',
      ],
    }),
    kind: 'bounce',
    severity: 'hard',
    address: 'ben@firm.example',
  },
  {
    name: 'Exchange Online, only delayed',
    bytes: report({
      key: 'ben@firm.example',
      subject: 'Delivery delayed: The first issue',
      status: [
        'Final-Recipient: rfc822;ben@firm.example',
        'Action: delayed',
        'Status: 4.4.7',
        'Will-Retry-Until: Fri, 27 Nov 2026 01:00:00 +0000',
      ],
    }),
    kind: 'delay',
    severity: 'none',
    address: 'ben@firm.example',
  },
  {
    name: 'Exchange, recipient not found',
    bytes: report({
      key: 'ben@firm.example',
      from: 'Microsoft Outlook <MicrosoftExchange0123@firm.example>',
      subject: 'Undeliverable: The first issue',
      headers: ['X-MS-Exchange-Message-Is-Ndr:', 'Auto-Submitted: auto-replied'],
      status: [
        'Original-Recipient: rfc822;ben@firm.example',
        'Final-Recipient: rfc822;ben@firm.example',
        'Action: failed',
        'Status: 5.1.10',
        'Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP lookup',
      ],
    }),
    kind: 'bounce',
    severity: 'hard',
    address: 'ben@firm.example',
  },
  {
    name: 'Exchange Online, refused at the edge',
    bytes: report({
      key: 'ben@firm.example',
      status: [
        'Final-Recipient: rfc822;ben@firm.example',
        'Action: failed',
        'Status: 5.4.1',
        'Diagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied.',
      ],
    }),
    kind: 'bounce',
    severity: 'hard',
    address: 'ben@firm.example',
  },
  {
    name: 'Exchange, may not write to this group',
    bytes: report({
      key: 'ben@firm.example',
      status: [
        'Final-Recipient: rfc822;ben@firm.example',
        'Action: failed',
        'Status: 5.7.1',
        'Diagnostic-Code: smtp;550 5.7.1 RESOLVER.RST.AuthRequired; authentication required',
      ],
    }),
    kind: 'bounce',
    severity: 'soft',
    address: 'ben@firm.example',
  },
  {
    name: 'Sendmail 8, with a status',
    bytes: report({
      key: 'cat@old.example',
      subject: 'Returned mail: see transcript for details',
      headers: ['Auto-Submitted: auto-generated (failure)'],
      words: [
        '   ----- The following addresses had permanent fatal errors -----',
        '<cat@old.example>',
        '    (reason: 550 5.1.1 User unknown)',
      ],
      status: [
        'Original-Recipient: rfc822;cat@old.example',
        'Final-Recipient: RFC822; catherine@inner.old.example',
        'Action: failed',
        'Status: 5.1.1',
        'Diagnostic-Code: SMTP; 550 5.1.1 User unknown',
      ],
      returnedType: 'text/rfc822-headers',
    }),
    kind: 'bounce',
    severity: 'hard',
    address: 'cat@old.example',
  },
  {
    name: 'Sendmail before 8.8, words alone',
    bytes: wire([
      'From: Mail Delivery Subsystem <MAILER-DAEMON@old.example>',
      `To: ${pathOf('cat@old.example')}`,
      'Subject: Returned mail: User unknown',
      '',
      '   ----- The following addresses had permanent fatal errors -----',
      '<cat@old.example>',
      '',
      '   ----- Transcript of session follows -----',
      '... while talking to mx.old.example.:',
      '>>> RCPT To:<cat@old.example>',
      '<<< 550 cat... User unknown',
      '',
      '   ----- Unsent message follows -----',
      ...returned('cat@old.example'),
    ]),
    kind: 'bounce',
    severity: 'hard',
    address: 'cat@old.example',
  },
  {
    name: 'Sendmail, words alone, that calls every 553 an unknown user',
    bytes: wire([
      'From: Mail Delivery Subsystem <MAILER-DAEMON@old.example>',
      `To: ${pathOf('cat@old.example')}`,
      'Subject: Returned mail: see transcript for details',
      '',
      '   ----- The following addresses had permanent fatal errors -----',
      '<cat@old.example>',
      '    (reason: 553 Your SPF record does not let you in)',
      '',
      '   ----- Transcript of session follows -----',
      '>>> DATA',
      '<<< 553 Your SPF record does not let you in',
      '550 5.1.1 <cat@old.example>... User unknown',
    ]),
    kind: 'bounce',
    severity: 'soft',
    address: 'cat@old.example',
  },
  {
    name: 'qmail',
    bytes: wire([
      'Return-Path: <>',
      'From: MAILER-DAEMON@q.example',
      `To: ${pathOf('dan@q.example')}`,
      'Subject: failure notice',
      '',
      'Hi. This is the qmail-send program at q.example.',
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      "This is a permanent error; I've given up. Sorry it didn't work out.",
      '',
      '<dan@q.example>:',
      '192.0.2.7 does not like recipient.',
      'Remote host said: 550 No such user',
      'Giving up on 192.0.2.7.',
      '',
      '--- Below this line is a copy of the message.',
      '',
      ...returned('dan@q.example'),
    ]),
    kind: 'bounce',
    severity: 'hard',
    address: 'dan@q.example',
  },
  {
    name: 'qmail, no such mailbox here',
    bytes: wire([
      'From: MAILER-DAEMON@q.example',
      `To: ${pathOf('dan@q.example')}`,
      'Subject: failure notice',
      '',
      'Hi. This is the qmail-send program at q.example.',
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      '',
      '<dan@q.example>:',
      'Sorry, nobody here has this name. (#5.1.1)',
      '',
      '--- Below this line is a copy of the message.',
      '',
      ...returned('dan@q.example'),
    ]),
    kind: 'bounce',
    severity: 'hard',
    address: 'dan@q.example',
  },
  {
    name: 'Exim before 4.87, a header alone',
    bytes: wire([
      'X-Failed-Recipients: eve@x.example',
      'Auto-Submitted: auto-replied',
      'From: Mail Delivery System <Mailer-Daemon@mx.x.example>',
      `To: ${pathOf('eve@x.example')}`,
      'Subject: Mail delivery failed: returning message to sender',
      '',
      'The following address(es) failed:',
      '',
      '  eve@x.example',
      '    Unrouteable address',
      '',
      '------ This is a copy of the message, including all the headers. ------',
      '',
      ...returned('eve@x.example'),
    ]),
    kind: 'bounce',
    severity: 'hard',
    address: 'eve@x.example',
  },
  {
    name: 'an address in UTF-8 (RFC 6533)',
    bytes: report({
      key: 'ádá@posta.example',
      statusType: 'message/global-delivery-status',
      returnedType: 'message/global',
      status: [
        'Original-Recipient: utf-8; \\x{E1}d\\x{E1}@posta.example',
        'Final-Recipient: utf-8; ádá@posta.example',
        'Action: failed',
        'Status: 5.1.1',
        'Diagnostic-Code: smtp; 550 5.1.1 nincs ilyen',
      ],
    }),
    kind: 'bounce',
    severity: 'hard',
    address: 'ádá@posta.example',
  },
  {
    name: 'a report whose status was lost',
    bytes: report({ key: 'fay@b.example', status: null }),
    kind: 'bounce',
    severity: 'soft',
    address: null,
  },
  {
    name: 'words of an unknown server',
    bytes: wire([
      'Return-Path: <>',
      'From: postmaster@strange.example',
      `To: ${pathOf('gus@strange.example')}`,
      'Subject: Undeliverable mail',
      '',
      'The mailbox gus does not exist on this server.',
    ]),
    kind: 'bounce',
    severity: 'hard',
    address: null,
  },
  {
    name: 'XWall, its own type, the type of the address twice',
    bytes: report({
      key: 'ivy@x.example',
      statusType: 'message/xdelivery-status',
      status: ['Original-Recipient: rfc822; rfc822;ivy@x.example', 'Action: failed', 'Status: 5.1.1'],
    }),
    kind: 'bounce',
    severity: 'hard',
    address: 'ivy@x.example',
  },
  {
    name: 'a status that names nobody: the words count',
    bytes: report({ key: 'jim@v.example', words: ['Recipient unknown.'], status: ['X-Note: nobody'] }),
    kind: 'bounce',
    severity: 'hard',
    address: null,
  },
  {
    name: 'a full mailbox, above an issue that speaks of users not found',
    bytes: wire([
      'Return-Path: <>',
      'From: Postmaster@strange.example',
      `To: ${pathOf('kim@strange.example')}`,
      'Subject: Mail System Error - Returned Mail',
      '',
      'The box is over its size.',
      '',
      'Original message follows.',
      '',
      'In this issue: what to do when a user is not found.',
    ]),
    kind: 'bounce',
    severity: 'soft',
    address: null,
  },
  {
    name: 'a success',
    bytes: report({
      key: 'hal@s.example',
      status: ['Final-Recipient: rfc822; hal@s.example', 'Action: delivered', 'Status: 2.1.5'],
    }),
    kind: 'delay',
    severity: 'none',
    address: 'hal@s.example',
  },
];

/** A complaint by RFC 5965. */
export function complaint(
  key: string,
  { type = 'abuse', extra = [] as string[], to = 'abuse@news.example.com' } = {},
): Buffer {
  return wire([
    'From: <feedback@provider.example>',
    `To: <${to}>`,
    'Subject: FW: The first issue',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="arf"',
    '',
    '--arf',
    'Content-Type: text/plain',
    '',
    'A reader pressed the button.',
    '--arf',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${type}`,
    'User-Agent: Loop/1.0',
    'Version: 1',
    ...extra,
    '--arf',
    'Content-Type: message/rfc822',
    '',
    ...returned(key),
    '--arf--',
    '',
  ]);
}

/** A plain message. */
export function letter(headers: Readonly<Record<string, string>>, body = 'Words.'): Buffer {
  return wire([...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', body]);
}
