import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import type { Sender } from '../../src/campaign/campaign.ts';
import type { Email } from '../../src/email/email.ts';
import type { Message } from '../../src/mail.ts';
import { prepareMessages, type Recipient } from '../../src/message/prepare-messages.ts';

/** An email made by hand: these tests are about messages, not about compiling. */
export function email(changes: Partial<Email> = {}): Email {
  return {
    slug: 'first',
    title: 'The first',
    lang: 'en',
    dir: 'ltr',
    from: { name: 'The Broadside', address: 'news@example.com' },
    replyTo: null,
    subject: ['The first'],
    preheader: [],
    html: ['<p>Good morning</p>\n'],
    text: ['Good morning\n'],
    embedded: [],
    hosted: [],
    fields: [],
    links: [],
    images: [],
    sections: [],
    digest: '',
    ...changes,
  };
}

export function sender(changes: Partial<Sender> = {}): Sender {
  return {
    name: 'The Broadside',
    from: { name: 'The Broadside', address: 'news@example.com' },
    replyTo: null,
    listName: 'weekly',
    listTitle: 'The weekly letter',
    listId: 'weekly.example.com',
    publicUrl: 'https://mail.example.com',
    unsubscribeMailto: 'leave@example.com',
    bounceAddress: null,
    dkim: null,
    purpose: 'live',
    ...changes,
  };
}

export const ann: Recipient = {
  id: 7,
  address: 'ann@example.com',
  key: 'ann@example.com',
  fields: { name: 'Ann' },
};
export const bob: Recipient = {
  id: 8,
  address: 'bob@example.com',
  key: 'bob@example.com',
  fields: { name: 'Bob' },
};

export const DATE = Date.UTC(2026, 9, 20, 8, 30, 5);

interface Letter {
  readonly email?: Partial<Email>;
  readonly sender?: Partial<Sender>;
  readonly to?: Recipient;
  readonly id?: string;
  readonly date?: number;
  readonly linkSecret?: string | null;
  readonly dkimKey?: string | null;
}

/** The message of one reader, everything set unless told otherwise. */
export function write(letter: Letter = {}): Message {
  const { linkSecret = 'a secret', dkimKey = null, id = 'c4mpa1gn' } = letter;
  const stamp = prepareMessages(
    email(letter.email),
    { id, sender: sender(letter.sender) },
    { linkSecret, dkimKey },
  );
  return stamp(letter.to ?? ann, letter.date ?? DATE);
}

export function bytesOf(message: Message): Buffer {
  return Buffer.concat(message.content);
}

/** The header lines as they stand, unfolded: `['Subject: …', …]`. */
export function headersOf(message: Message): string[] {
  const [head = ''] = bytesOf(message).toString('utf8').split('\r\n\r\n');
  return head.replace(/\r\n(?=[ \t])/g, '').split('\r\n');
}

/** The value of a header that occurs once; undefined when it does not occur. Throws when it occurs twice. */
export function header(message: Message, name: string): string | undefined {
  const found = headersOf(message).filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  if (found.length > 1) throw new Error(`${name} stands ${found.length} times`);
  return found[0]?.slice(name.length + 1).trim();
}

/** What two parsers that know nothing of each other make of a message, line ends as LF. */
export async function parse(message: Message) {
  const bytes = bytesOf(message);
  const [one, two] = await Promise.all([
    PostalMime.parse(bytes),
    simpleParser(bytes, {
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipImageLinks: true,
      keepCidLinks: true,
    }),
  ]);
  const lines = (text: string | false | undefined) => (text || '').replace(/\r\n/g, '\n');
  return {
    postal: { ...one, text: lines(one.text), html: lines(one.html) },
    mailparser: { ...two, text: lines(two.text), html: lines(two.html) },
  };
}
