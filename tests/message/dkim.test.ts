import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Stencil } from '../../src/email/email.ts';
import { readDkimKeys } from '../../src/message/dkim-keys.ts';
import { ann, bytesOf, header, headersOf, write } from './letter.ts';
import { verifyDkim } from './verify-dkim.ts';

interface Keys {
  readonly pem: string;
  readonly publicKey: KeyObject;
}

function pair(kind: 'rsa' | 'ed25519', modulusLength = 2048): Keys {
  const { privateKey, publicKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength }) : generateKeyPairSync('ed25519');
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, publicKey };
}

let rsa: Keys;
let ed25519: Keys;
beforeAll(() => {
  rsa = pair('rsa');
  ed25519 = pair('ed25519');
});

/** DNS as the owner of example.com would set it up; nothing is asked of a network. */
async function resolver(name: string): Promise<string[][]> {
  const der = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }) as Buffer;
  if (name === 'press._domainkey.example.com')
    return [[`v=DKIM1; k=rsa; p=${der(rsa.publicKey).toString('base64')}`]];
  // RFC 8463 §4.2: the 32 octets of the key itself.
  if (name === 'press-ed25519._domainkey.example.com')
    return [[`v=DKIM1; k=ed25519; p=${der(ed25519.publicKey).subarray(-32).toString('base64')}`]];
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
}

type Letter = NonNullable<Parameters<typeof write>[0]>;

function signed(letter: Letter = {}, key = rsa.pem, exclude: string[] = []): Buffer {
  const dkim = { domain: 'example.com', selector: 'press', exclude };
  return bytesOf(write({ ...letter, sender: { dkim, ...letter.sender }, dkimKey: key }));
}

/** What mailauth says of each signature; the verifier of these tests must say the same. */
async function verdicts(bytes: Buffer): Promise<string[]> {
  const zone = new Map<string, string>();
  const remember = async (name: string) => {
    const record = await resolver(name);
    zone.set(name, record.flat().join(''));
    return record;
  };
  const { results } = await dkimVerify(bytes, { resolver: remember as never });
  const said = results.map(({ status }) => String(status.result));
  const second = verifyDkim(bytes, (name) => zone.get(name) ?? null);
  expect(
    second.map((one) => one === 'pass'),
    second.join(),
  ).toEqual(said.map((one) => one === 'pass'));
  return said;
}

const long: Stencil = [
  'Räder, Rollen und Walzen: '.repeat(30),
  { kind: 'field', name: 'subscriber.name', fallback: null, landing: 'header' },
];

describe.each<[string, Letter]>([
  ['a plain message', {}],
  [
    'headers of many lines',
    { email: { subject: long }, to: { ...ann, fields: { name: 'Ännchen '.repeat(20).trim() } } },
  ],
  [
    'a body of 8-bit text',
    { email: { text: ['Größe ≥ 1\n'.repeat(300)], html: ['<p>Größe ≥ 1</p>\n'.repeat(300)] } },
  ],
  ['a body in base64', { email: { text: ['日本語の本文'.repeat(300)], html: ['日本語の本文'.repeat(300)] } }],
  ['empty parts', { email: { text: [], html: [] } }],
  ['trailing blank lines', { email: { text: ['a\n\n\n\n'], html: ['b\n\n \n\t\n'] } }],
  ['runs of white space', { email: { text: ['  a  \t b \n\t\n  c\n'], html: ['<p>  a  \t b </p>  \n'] } }],
  [
    'holes',
    { email: { html: ['<p>Hi  ', long[1]!, '  </p>\n'] }, to: { ...ann, fields: { name: ' A  \t n n ' } } },
  ],
  ['an address beyond ASCII', { to: { ...ann, address: 'jörg@example.com' } }],
  ['only a mailto to leave', { sender: { publicUrl: null } }],
])('%s', (_what, letter) => {
  test('is verified under RSA', async () => {
    // A name with a tab would be refused in To; the body's hole takes it from the same field.
    const fields = Object.fromEntries(
      Object.entries(letter.to?.fields ?? {}).map(([key, value]) => [key, value.replace(/\t/g, ' ')]),
    );
    const to = { ...ann, ...letter.to, fields };
    expect(await verdicts(signed({ ...letter, to }))).toEqual(['pass']);
  });
});

test('is verified under RSA and Ed25519 at once', async () => {
  const bytes = signed({}, rsa.pem + ed25519.pem);
  expect(await verdicts(bytes)).toEqual(['pass', 'pass']);
  expect(bytes.toString().match(/a=(?:rsa|ed25519)-sha256/g)).toEqual(['a=rsa-sha256', 'a=ed25519-sha256']);
});

test('an Ed25519 key alone has the selector as it is', () => {
  const dkim = { domain: 'example.com', selector: 'only', exclude: [] };
  const message = write({ sender: { dkim }, dkimKey: ed25519.pem });
  expect(header(message, 'DKIM-Signature')).toContain(' s=only;');
});

test('covers every header that a message has (RFC 8058 §4 asks for both of List-Unsubscribe)', () => {
  const message = signed({ sender: { replyTo: { name: '', address: 'letters@example.com' } } }).toString();
  const covered = coveredBy(message);
  const [head = ''] = message.split('\r\n\r\n');
  const names = head
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
    .filter((name) => name !== 'dkim-signature');
  expect(names.filter((name) => !covered.includes(name))).toEqual([]);
  expect(covered).toContain('list-unsubscribe-post');
});

test('leaves out what the relay rewrites, and never From', async () => {
  const bytes = signed({}, rsa.pem, ['message-id', 'Date', 'From']);
  const covered = coveredBy(bytes.toString());
  expect(covered).not.toContain('message-id');
  expect(covered).not.toContain('date');
  expect(covered).toContain('from');
  const rewritten = bytes.toString().replace(/^Date: .*\r\n/m, 'Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n');
  expect(await verdicts(Buffer.from(rewritten))).toEqual(['pass']);
});

test.each(['From: "Eve" <eve@example.com>', 'To: eve@example.com', 'Subject: Something else'])(
  'another "%s" on top breaks the signature',
  async (added) => {
    const bytes = Buffer.concat([Buffer.from(`${added}\r\n`), signed()]);
    expect((await verdicts(bytes)).filter((result) => result === 'pass')).toEqual([]);
  },
);

test.each([
  ['the subject', /^Subject: The/m, 'Subject: A'],
  ['the address to leave', /\/u\//, '/s/'],
  ['one click', /One-Click/, 'Two-Click'],
  ['the sender', /<news@example.com>/, '<eve@example.com>'],
  ['the time of signing', / t=\d+/, ' t=1'],
  ['a word of the text part', /Good morning/, 'Good evening'],
  ['a line after the end', /$/, '\r\nmore\r\n'],
])('a change of %s breaks the signature', async (_what, from, to) => {
  const bytes = signed().toString();
  const changed = bytes.replace(from, to);
  expect(changed).not.toBe(bytes);
  expect((await verdicts(Buffer.from(changed))).filter((result) => result === 'pass')).toEqual([]);
});

test('white space that relays change does not break it (relaxed)', async () => {
  const bytes = signed().toString();
  const changed = bytes.replace(/^Precedence: bulk/m, 'precedence:   bulk ').replace(/$/, '\r\n\r\n');
  expect(await verdicts(Buffer.from(changed))).toEqual(['pass']);
});

test('the signature is folded, 7-bit, on top, and the same each time', () => {
  const bytes = signed({}, rsa.pem + ed25519.pem);
  const [head = ''] = bytes.toString().split('\r\n\r\n');
  expect(head).toMatch(/^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=example\.com;/);
  expect(
    Math.max(
      ...head
        .split(/\r\nFrom:/)[0]!
        .split('\r\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(78);
  expect(signed({}, rsa.pem + ed25519.pem)).toEqual(bytes);
});

test('without a key the message is not signed: the relay may', () => {
  const dkim = { domain: 'example.com', selector: 'press', exclude: [] };
  expect(headersOf(write({ sender: { dkim } })).join()).not.toContain('DKIM');
  expect(headersOf(write({ dkimKey: rsa.pem })).join()).not.toContain('DKIM');
});

test.each([
  ['no key at all', () => 'hello', 'it holds no "-----BEGIN PRIVATE KEY-----" block'],
  [
    'a key cut short',
    () => rsa.pem.replace(/\n.{64}\n/, '\n'),
    'it cannot be read as a PEM private key (an encrypted one must be decrypted first)',
  ],
  ['two of one kind', () => rsa.pem + rsa.pem, 'it holds two keys of one kind'],
  [
    'too small a key',
    () => pair('rsa', 768).pem,
    'it is RSA with fewer than 1,024 bits; make one with 2,048',
  ],
  [
    'another kind',
    () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }) as string,
    'it is neither RSA nor Ed25519',
  ],
])('says what is wrong with %s, and shows nothing of it', (_what, make, fault) => {
  expect(readDkimKeys(make())).toEqual({ fault });
  expect(() => signed({}, make())).toThrow(fault);
});

test('a key in PKCS #1, or with Windows line ends, is read', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  expect(readDkimKeys(privateKey.export({ type: 'pkcs1', format: 'pem' }) as string)).toHaveLength(1);
  expect(readDkimKeys(rsa.pem.replace(/\n/g, '\r\n'))).toHaveLength(1);
});

function coveredBy(message: string): string[] {
  const [, names = ''] = /\bh=([^;]+);/.exec(message) ?? [];
  return names.replace(/\s+/g, '').toLowerCase().split(':');
}
