import type { Failure, Incoming } from './incoming.ts';
import { readFailures } from './read-failures.ts';
import { headerOf, headersOf, type Part, readHeaders, readMime, walk } from './read-mime.ts';

/** Larger than any report: those that return the whole of a newsletter stay far below. */
export const LARGEST = 10 * 1024 * 1024;

/** Where a message was delivered to, as servers write it. */
const ENVELOPE = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-rcpt-to', 'to', 'cc'];

/**
 * Reads one message of the bounce mailbox: a delivery status (RFC 3464, 6533) or what older servers write, a complaint
 * (ARF, RFC 5965), a request to unsubscribe by mail (RFC 2369 §3.2), an automatic reply (RFC 3834), or a letter from a
 * person. `envelope`: its recipient, where the server that handed it over told it. Never throws.
 */
export function readIncoming(bytes: Uint8Array, envelope: readonly string[] = []): Incoming {
  if (bytes.length > LARGEST) return nothing('unreadable');
  const message = readMime(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
  if (message.headers.length === 0) return nothing('unreadable');
  const returned = [...walk(message)].filter(
    (part, at) => at > 0 && headerOf(part, 'message-id') !== '' && headerOf(part, 'from') !== '',
  );
  const complaint = readComplaint(message);
  const failures = complaint ? [] : readFailures(message);
  const paths = [
    ...envelope,
    ...ENVELOPE.flatMap((name) => headersOf(message, name)),
    ...returned.flatMap((part) => headersOf(part, 'return-path')),
    ...(complaint?.paths ?? []),
  ].flatMap(addressesIn);
  // qmail and old Exim return the message as plain text below their own words.
  const ids = [
    ...returned.map((part) => headerOf(part, 'message-id')),
    ...(failures ? idsBelow(message) : []),
  ];
  const asked =
    /^\s*(?:re:\s*)?unsubscribe\b[:\s]*(.*)$/i.exec(headerOf(message, 'subject'))?.[1]?.replace(/\s+/g, '') ??
    null;
  // A copy: a piece of a string holds all of it, and of a thousand reports at once megabytes each (830 MB for 600 of 1 MB).
  return structuredClone({
    kind: kindOf(message, complaint, failures, asked),
    paths: [...new Set(paths)].slice(0, 50),
    messageIds: [...new Set(ids.map((id) => id.trim()).filter(Boolean))].slice(0, 10),
    failures: complaint?.failures ?? failures ?? [],
    from: addressesIn(headerOf(message, 'from'))[0] ?? '',
    unsubscribe: asked ?? '',
  });
}

function kindOf(
  message: Part,
  complaint: Complaint | null,
  failures: readonly Failure[] | null,
  asked: string | null,
): Incoming['kind'] {
  if (complaint) return complaint.isComplaint ? 'complaint' : 'letter';
  if (failures) {
    // A delivery status without a recipient was cut short, or is not one.
    if (failures.length === 0) return 'unreadable';
    return failures.some(({ severity }) => severity !== 'none') ? 'bounce' : 'delay';
  }
  if (
    message.type === 'multipart/report' &&
    /delivery-status|feedback-report/.test(message.parameters['report-type'] ?? '')
  )
    return 'unreadable';
  // A mailbox's own program may ask: what looks like a signed link is looked at, whoever writes.
  if (asked !== null && /^[a-z2-7]{21,36}$/i.test(asked)) return 'unsubscribe';
  if (isAutomatic(message)) return 'auto-reply';
  return asked === null ? 'letter' : 'unsubscribe';
}

/** RFC 3834 §5, and what programs write that are older than it. `Precedence: bulk` is not enough: some bounces have it. */
function isAutomatic(message: Part): boolean {
  const submitted = headerOf(message, 'auto-submitted').toLowerCase();
  if (submitted !== '' && !submitted.startsWith('no')) return true;
  if (/auto[_-]?reply/i.test(headerOf(message, 'precedence'))) return true;
  if (/^\s*(?:auto|automatic reply|out of (?:the )?office):/i.test(headerOf(message, 'subject'))) return true;
  return ['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-vacation'].some(
    (name) => headerOf(message, name) !== '',
  );
}

interface Complaint {
  readonly isComplaint: boolean;
  readonly paths: readonly string[];
  readonly failures: readonly Failure[];
}

/** ARF. `not-spam` is the opposite of a complaint, `auth-failure` (RFC 6591) is about our DNS, not about a reader. */
function readComplaint(message: Part): Complaint | null {
  const report = [...walk(message)].find(({ type }) => type === 'message/feedback-report');
  if (!report) return null;
  const fields = readHeaders(report.text);
  const values = (name: string) => fields.filter(([key]) => key === name).map(([, value]) => value);
  const type = (values('feedback-type')[0] ?? '').toLowerCase();
  const addresses = [...values('original-rcpt-to'), ...values('removal-recipient')].flatMap(addressesIn);
  return {
    isComplaint: ['abuse', 'fraud', 'virus', 'other', 'opt-out', 'opt-out-list'].includes(type),
    paths: values('original-mail-from'),
    failures: [...new Set(addresses)]
      .slice(0, 100)
      .map((address) => ({ address, severity: 'hard', status: '', diagnostic: type.slice(0, 40) })),
  };
}

function addressesIn(value: string): string[] {
  return (
    value
      .slice(0, 10_000)
      .match(/[^\s<>,;:"()]{1,64}@[^\s<>,;:"()]{1,255}/g)
      ?.slice(0, 20) ?? []
  );
}

/** Message-IDs of header lines in the text: the last is the returned message's. */
function idsBelow(message: Part): string[] {
  if (message.parts.length > 0) return [];
  return [...message.text.matchAll(/^Message-ID:\s*(<[^<>\s]{1,300}>)/gim)].map(([, id]) => id!).slice(-1);
}

function nothing(kind: Incoming['kind']): Incoming {
  return { kind, paths: [], messageIds: [], failures: [], from: '', unsubscribe: '' };
}
