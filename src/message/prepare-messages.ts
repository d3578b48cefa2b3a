import { createHash, createHmac } from 'node:crypto';
import type { Sender } from '../campaign/campaign.ts';
import type { Email, EmbeddedImage } from '../email/email.ts';
import { fill } from '../email/stencil.ts';
import type { Message } from '../mail.ts';
import { headerLine, mailboxValue, unstructured } from './header-value.ts';
import { quotedPrintable } from './quoted-printable.ts';
import { readerLinks } from './reader-links.ts';
import { readDkimKey, signDkim } from './sign-dkim.ts';

export interface Recipient {
  readonly address: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Prepares the messages of one campaign. Gives a function from a recipient and the Date (ms since 1970) to the message,
 * the same bytes each time: Message-ID and boundaries are functions of campaign and reader (DESIGN invariant 4).
 * That function throws BadHeaderValue when a reader's fields hold control characters.
 */
export function prepareMessages(
  email: Email,
  campaign: { readonly id: string; readonly sender: Sender },
  secrets: { readonly linkSecret: string | null; readonly dkimKey: string | null },
): (to: Recipient, date: number) => Message {
  const { sender } = campaign;
  const dkim = sender.dkim && secrets.dkimKey ? { ...sender.dkim, key: readDkimKey(secrets.dkimKey) } : null;
  const domain = sender.from.address.split('@').at(-1)!;
  const images = email.embedded.map(imagePart);
  const constant = [
    headerLine('From', mailboxValue('From', sender.from)),
    ...(sender.replyTo ? [headerLine('Reply-To', mailboxValue('Reply-To', sender.replyTo))] : []),
    headerLine('List-Id', `${mailboxName(sender.listTitle)} <${sender.listId}>`),
    headerLine('Precedence', 'bulk'),
    headerLine('MIME-Version', '1.0'),
  ];

  return (to, date) => {
    const identity = createHmac('sha256', campaign.id).update(to.key).digest('hex').slice(0, 32);
    const links = readerLinks(sender, email.slug, to.key, secrets.linkSecret);
    const value = (name: string): string | undefined => {
      if (name.startsWith('subscriber.')) return to.fields[name.slice(11)];
      if (name === 'links.unsubscribe') return links.unsubscribeUrl ?? links.unsubscribeMailto ?? undefined;
      if (name === 'links.preferences') return links.preferences ?? undefined;
      return name === 'links.web' ? (links.web ?? undefined) : undefined;
    };
    const mark = sender.purpose === 'test' ? '[TEST] ' : '';
    const subject = mark + fill(email.subject, value, to.fields);
    const messageId = `<${identity}.${campaign.id}@${domain}>`;
    const unsubscribe = [links.unsubscribeUrl, links.unsubscribeMailto]
      .filter((link) => link !== null)
      .map((link) => `<${link}>`);
    const boundary = (part: string) =>
      `=_${createHash('sha256').update(`${identity}${part}`).digest('hex').slice(0, 24)}`;
    const { type, body } = mimeBody(
      fill(email.text, value, to.fields),
      fill(email.html, value, to.fields),
      images,
      boundary,
    );
    const headers = [
      ...constant,
      headerLine('To', mailboxValue('To', { name: to.fields.name ?? '', address: to.address })),
      headerLine('Subject', unstructured('Subject', subject)),
      headerLine('Date', new Date(date).toUTCString().replace('GMT', '+0000')),
      headerLine('Message-ID', messageId),
      ...(unsubscribe.length > 0 ? [headerLine('List-Unsubscribe', unsubscribe.join(', '))] : []),
      ...(links.unsubscribeUrl ? [headerLine('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click')] : []),
      headerLine(
        'Feedback-ID',
        `${campaign.id}:${sender.listName}:${email.slug}:${domain}`.replace(/[^\x21-\x7e]/g, '-'),
      ),
      headerLine('Content-Type', type),
    ];
    if (dkim) headers.unshift(signDkim(headers, body, Math.floor(date / 1000), dkim));
    const content = Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}`);
    return {
      envelope: { from: reversePath(sender, identity), to: to.address },
      messageId,
      content: [content],
      size: content.length,
    };
  };
}

/** VERP: `bounce+TOKEN@`, so that a bounce names its delivery whatever the other server does to the message. */
function reversePath(sender: Sender, identity: string): string {
  if (sender.bounceAddress === null) return sender.from.address;
  const at = sender.bounceAddress.lastIndexOf('@');
  return `${sender.bounceAddress.slice(0, at)}+${identity}${sender.bounceAddress.slice(at)}`;
}

function mailboxName(title: string): string {
  return mailboxValue('List-Id', { name: title, address: 'x' }).replace(/ <x>$/, '');
}

/** multipart/alternative of text and HTML (RFC 2046 §5.1.4), around the HTML multipart/related when images travel. */
function mimeBody(
  text: string,
  html: string,
  images: string[],
  boundary: (part: string) => string,
): { type: string; body: string } {
  const leaf = (type: string, content: string) =>
    `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quotedPrintable(content)}\r\n`;
  const multipart = (kind: string, extra: string, parts: string[]) => {
    const line = boundary(kind);
    const body = parts.map((part) => `--${line}\r\n${part}`).join('');
    return { type: `multipart/${kind};${extra} boundary="${line}"`, body: `${body}--${line}--\r\n` };
  };
  const htmlPart = leaf('text/html', html);
  if (images.length === 0) return multipart('alternative', '', [leaf('text/plain', text), htmlPart]);
  const related = multipart('related', ' type="text/html";', [htmlPart, ...images]);
  return multipart('alternative', '', [
    leaf('text/plain', text),
    `Content-Type: ${related.type}\r\n\r\n${related.body}\r\n`,
  ]);
}

function imagePart({ cid, type, filename, bytes }: EmbeddedImage): string {
  const data = Buffer.from(bytes)
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n')
    .trimEnd();
  const name = filename.replace(/[^\w.-]/g, '-');
  return (
    `Content-Type: ${type}; name="${name}"\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <${cid}>\r\n` +
    `Content-Disposition: inline; filename="${name}"\r\n\r\n${data}\r\n`
  );
}
