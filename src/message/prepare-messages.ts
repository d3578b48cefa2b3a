import { createHash, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Sender } from '../campaign/campaign.ts';
import type { Email, Stencil } from '../email/email.ts';
import { fill } from '../email/stencil.ts';
import type { Message } from '../mail.ts';
import { deliveryIdentity } from './delivery-identity.ts';
import { readDkimKeys } from './dkim-keys.ts';
import { prepareBody } from './encode-body.ts';
import { headerLine, mailboxValue, phrase, refuseControls, unstructured } from './header-value.ts';
import { holeValue } from './hole-value.ts';
import { mimeParts } from './mime-parts.ts';
import { type ReaderLinks, readerLinks } from './reader-links.ts';
import { type DkimSigner, prepareSignatures, type Unsigned } from './sign-dkim.ts';

export interface Recipient {
  /** Of the delivery, by which the links in it find their reader; a test has none. */
  readonly id?: number;
  readonly address: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What the messages of one campaign are made of. */
type Campaign = { readonly id: string; readonly sender: Sender };
type Secrets = { readonly linkSecret: string | null; readonly dkimKey: string | null };

/** A message that wants only its signatures. */
interface Draft {
  readonly unsigned: readonly Unsigned[];
  signed(signatures: readonly Buffer[]): Message;
}

/**
 * Prepares the messages of one campaign: all that is the same for everybody is encoded and hashed once. Gives a
 * function from a recipient and the Date (ms since 1970) to the message, the same bytes each time: Message-ID and
 * boundaries are functions of campaign and reader (DESIGN invariant 4). That function throws BadHeaderValue when the
 * reader's data would break a header: such a reader is rejected, the others go on. Throws at once for an unreadable
 * DKIM key (check it with `readDkimKeys`) and for header faults that all readers would share.
 */
export function prepareMessages(
  email: Email,
  campaign: Campaign,
  secrets: Secrets,
): (to: Recipient, date: number) => Message {
  const draft = prepareDrafts(email, campaign, secrets);
  return (to, date) => {
    const { unsigned, signed } = draft(to, date);
    return signed(unsigned.map(({ algorithm, data, key }) => sign(algorithm, data, key)));
  };
}

const signAside = promisify(sign);

/**
 * The same for many messages at once. RSA-2048 takes 0.24 to 0.6 ms, half of what a message costs: it is done on libuv's
 * threads while the main one writes other messages (in place, the event loop stood still for all of it, so for 16 %; a
 * worker thread of our own took 12 % more CPU). How many threads: `main.mjs`.
 */
export function prepareMessagesAside(
  email: Email,
  campaign: Campaign,
  secrets: Secrets,
): (to: Recipient, date: number) => Promise<Message> {
  const draft = prepareDrafts(email, campaign, secrets);
  return async (to, date) => {
    const { unsigned, signed } = draft(to, date);
    return signed(
      await Promise.all(unsigned.map(({ algorithm, data, key }) => signAside(algorithm, data, key))),
    );
  };
}

function prepareDrafts(
  email: Email,
  campaign: Campaign,
  secrets: Secrets,
): (to: Recipient, date: number) => Draft {
  const { sender } = campaign;
  const domain = domainOf(sender.from.address);
  const signer = dkimSigner(sender, secrets.dkimKey);
  const mark = sender.purpose === 'test' ? '[TEST] ' : '';
  const subject: Stencil = [mark, ...email.subject];
  // The same for all: an `=_` cannot come up in an encoded part, so no reader's data can forge a delimiter.
  const parts = mimeParts(email, (name) => `=_${sha256(`${campaign.id}\n${name}`).slice(0, 24)}`);
  const body = prepareBody(parts.nodes, signer !== null);
  const first = [
    headerLine('From', mailboxValue('From', sender.from)),
    ...(sender.replyTo ? [headerLine('Reply-To', mailboxValue('Reply-To', sender.replyTo))] : []),
  ];
  const last = [
    ...(sender.purpose === 'confirmation'
      ? // RFC 3834 §5: nobody's holiday answers it.
        [headerLine('Auto-Submitted', 'auto-generated')]
      : [
          headerLine('List-Id', `${phrase('List-Id', sender.listTitle)} <${sender.listId}>`),
          headerLine('Feedback-ID', feedbackId(campaign.id, sender, email.slug, domain)),
          headerLine('Precedence', 'bulk'),
        ]),
    headerLine('MIME-Version', '1.0'),
    headerLine('Content-Type', parts.type),
  ];

  const signatures = signer && prepareSignatures([...first, ...last, ONE_CLICK], signer);

  return (to, date) => {
    // The address is a field like the others, unless the list has a column of that name.
    const fields = { email: to.address, ...to.fields };
    const identity = deliveryIdentity(secrets.linkSecret, campaign.id, to.key);
    const links = readerLinks(sender, to, secrets.linkSecret);
    const value = (name: string) => holeValue(name, fields, links);
    const title = fill(subject, (name) => refuseControls('Subject', value(name) ?? ''), fields);
    const messageId = `<${identity}.${campaign.id}@${domain}>`;
    const { content, hash } = body(value, fields);
    const headers = [
      ...first,
      headerLine(
        'To',
        mailboxValue('To', {
          name: (holeValue('subscriber.name', fields, links) ?? '').trim(),
          address: to.address,
        }),
      ),
      headerLine('Subject', unstructured('Subject', title)),
      headerLine('Date', new Date(date).toUTCString().replace('GMT', '+0000')),
      headerLine('Message-ID', messageId),
      ...unsubscribeHeaders(links),
      ...last,
    ];
    const unsigned = signatures ? signatures(headers, hash, Math.floor(date / 1000)) : [];
    const signed = (signatures: readonly Buffer[]): Message => {
      const fields = unsigned.map(({ complete }, at) => complete(signatures[at]!));
      const head = Buffer.from(`${[...fields, ...headers].join('\r\n')}\r\n\r\n`);
      return {
        envelope: { from: reversePath(sender, identity), to: to.address },
        messageId,
        content: [head, ...content],
        size: content.reduce((size, piece) => size + piece.length, head.length),
      };
    };
    return { unsigned, signed };
  };
}

const ONE_CLICK = headerLine('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click');

/** RFC 2369 §3.2 with both forms, https first; RFC 8058's one click only where there is an https one. */
function unsubscribeHeaders({ unsubscribeUrl, unsubscribeMailto }: ReaderLinks): string[] {
  const forms = [unsubscribeUrl, unsubscribeMailto].filter((link) => link !== null);
  if (forms.length === 0) return [];
  return [
    headerLine('List-Unsubscribe', forms.map((link) => `<${link}>`).join(', ')),
    ...(unsubscribeUrl ? [ONE_CLICK] : []),
  ];
}

/** VERP: `bounce+TOKEN@`, so that a bounce names its delivery whatever the other server does to the message. */
function reversePath({ from, bounceAddress }: Sender, identity: string): string {
  if (bounceAddress === null) return from.address;
  const at = bounceAddress.lastIndexOf('@');
  return `${bounceAddress.slice(0, at)}+${identity}${bounceAddress.slice(at)}`;
}

/** Gmail's feedback loop: three labels and a sender of 5 to 15 letters, by which it groups complaints. */
function feedbackId(id: string, { listName }: Sender, slug: string, domain: string): string {
  const sender = domain
    .replace(/[^a-z0-9]/gi, '')
    .slice(0, 15)
    .padEnd(5, '0');
  return [id, listName, slug, sender].map((label) => label.replace(/[^\w.-]/g, '-')).join(':');
}

function dkimSigner({ dkim }: Sender, pem: string | null): DkimSigner | null {
  if (dkim === null || pem === null) return null;
  const keys = readDkimKeys(pem);
  if ('fault' in keys) throw new Error(`The DKIM key is of no use: ${keys.fault}.`);
  return { ...dkim, keys };
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
