import type { Failure } from './incoming.ts';
import { judgeFailure, statusOf } from './judge-failure.ts';
import { headerOf, type Part, readHeaders, walk } from './read-mime.ts';

const MOST_RECIPIENTS = 100;

/**
 * The recipients that a bounce names: the blocks of a delivery status (RFC 3464 §2.3; RFC 6533 §3 for addresses in
 * UTF-8), else the forms of servers that write none. Null: it is no bounce.
 */
export function readFailures(message: Part): Failure[] | null {
  const status = [...walk(message)].find(({ type }) => /^message\/(?:global-|x)?delivery-status$/.test(type));
  const failures = status ? readStatus(status.text, firstText(message)) : [];
  if (failures.length > 0) return failures;
  const told = readQmail(message) ?? readExim(message) ?? readSendmail(message) ?? readWords(message);
  // A status that names nobody was cut short, or is not one.
  return told ?? (status ? [] : null);
}

/** Blocks of fields; the first is about the message, the others about a recipient each. */
function readStatus(text: string, words: string): Failure[] {
  return text
    .split(/\r?\n(?:[ \t]*\r?\n)+/, MOST_RECIPIENTS + 1)
    .map((block) => new Map(readHeaders(block.trim()).reverse()))
    .filter((fields) => fields.has('final-recipient') || fields.has('original-recipient'))
    .map((fields) => {
      const final = typed(fields.get('final-recipient'));
      return failure({
        address: typed(fields.get('original-recipient')) || final,
        action: fields.get('action') ?? '',
        status: fields.get('status') ?? '',
        // OpenSMTPD writes 5.0.0 and no code, and what the other server said only in its words to a person.
        diagnostic: fields.get('diagnostic-code') ?? wordsAbout(final, words),
      });
    });
}

/** `rfc822; ada@example.com`, `utf-8; ádá@example.com`, with or without angle brackets. */
function typed(value = ''): string {
  // XWall writes the type twice.
  const address = value
    .replace(/^(?:\s*[\w-]+\s*;)*/, '')
    .trim()
    .replace(/^<(.*)>$/, '$1');
  // RFC 6533 §3: utf-8-addr-xtext writes what is not ASCII as \x{E1}.
  return address.replace(/\\x\{([0-9a-f]{2,6})\}/gi, (whole, hex: string) => {
    const point = Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

/** qmail's QSBMF: a fixed greeting, then paragraphs that begin with `<address>:`. */
function readQmail(message: Part): Failure[] | null {
  const text = firstText(message);
  if (!/^\s*Hi\. (?:This is|The) [^\n]{0,200}/.test(text) || !/qmail-send|deliver your message/.test(text))
    return null;
  const report = text.split(/\n--- /, 1)[0]!;
  return report.split(/\r?\n\s*\r?\n/, MOST_RECIPIENTS).flatMap((paragraph) => {
    const [, address, words] = /^\s*<([^<>\s]+@[^<>\s]+)>:\s*([\s\S]*)$/.exec(paragraph) ?? [];
    if (!address) return [];
    // qmail writes its own status at the end: (#5.1.1).
    const status = /\(#([245]\.\d{1,3}\.\d{1,3})\)/.exec(words!)?.[1] ?? '';
    return [failure({ address, action: 'failed', status, diagnostic: words! })];
  });
}

/** Exim before 4.87, and with `bounce_return_body` changed: no report, but a header that names the addresses. */
function readExim(message: Part): Failure[] | null {
  const failed = headerOf(message, 'x-failed-recipients');
  if (failed === '') return null;
  const text = firstText(message);
  return failed
    .split(',', MOST_RECIPIENTS)
    .map((address) => address.trim())
    .filter(Boolean)
    .map((address) => {
      return failure({
        address,
        action: 'failed',
        status: '',
        diagnostic: wordsAbout(address, text) || ownWords(text),
      });
    });
}

/** Sendmail before 8.8 and its children: headings between dashes, addresses in angle brackets. */
function readSendmail(message: Part): Failure[] | null {
  const text = firstText(message);
  const heading = /----- The following addresses had (permanent fatal|transient non-fatal) errors -----/.exec(
    text,
  );
  if (!heading) return null;
  const [list, transcript = ''] = text
    .slice(heading.index + heading[0].length)
    .split(/----- Transcript of session follows -----/, 2);
  const status = heading[1] === 'permanent fatal' ? '' : '4.0.0';
  return [...list!.matchAll(/^[ \t]*<?([^\s<>"]{1,64}@[^\s<>"]{1,255})>?[ \t\r]*$/gm)]
    .slice(0, MOST_RECIPIENTS)
    .map(([, address]) => {
      // Below the transcript Sendmail says "User unknown" of every 550 and 553, whatever the other server's reason was.
      const reason = /\(reason: ([^\n]{1,500})\)/.exec(wordsAbout(address!, list!))?.[1];
      return failure({ address: address!, action: 'failed', status, diagnostic: reason ?? transcript });
    });
}

const ABOUT =
  /undeliver|returned mail|returning (?:message|to sender)|non-?deliver|delivery (?:status notification|failure|warning|has failed|problem)|failure (?:notice|delivery)|mail (?:delivery )?failed|failed mail|mail (?:system )?error|not (?:yet )?(?:been )?delivered|could not be delivered|message delayed|message \S{1,40} delayed|user unknown|non ?remis/i;

/** Anything else that a mail system wrote about a failure; whom it is about only a token can tell. */
function readWords(message: Part): Failure[] | null {
  const system = /\b(?:mailer-daemon|postmaster|mail-?daemon|mdaemon)\b/i.test(headerOf(message, 'from'));
  const empty = headerOf(message, 'return-path').replace(/\s/g, '') === '<>';
  const subject = headerOf(message, 'subject');
  if (!ABOUT.test(subject) || !(system || empty)) return null;
  return [
    failure({
      address: '',
      action: /delay|warning|not yet/i.test(subject) && !/unknown/i.test(subject) ? 'delayed' : 'failed',
      status: '',
      diagnostic: ownWords(firstText(message)),
    }),
  ];
}

/** A text without the message that it returns: what an issue says of users and accounts is not about its reader. */
function ownWords(text: string): string {
  return text.split(
    /^(?:[-=_]{3}[^\n]{0,80}(?:message|copy|header)|[ \t]*original message|(?:return-path|received|message-id):)/im,
    1,
  )[0]!;
}

/** The paragraph of a text that begins with an address; '' when there is none. */
function wordsAbout(address: string, text: string): string {
  const at = address === '' ? -1 : text.indexOf(address);
  return at < 0
    ? ''
    : text
        .slice(at + address.length)
        .replace(/^[>:. \t]+/, '')
        .split(/\r?\n\s*\r?\n/, 1)[0]!;
}

function firstText(message: Part): string {
  return ([...walk(message)].find(({ type }) => type === 'text/plain')?.text ?? '').slice(0, 20_000);
}

function failure(fields: { address: string; action: string; status: string; diagnostic: string }): Failure {
  const diagnostic = fields.diagnostic.replace(/\s+/g, ' ').slice(0, 2000);
  return {
    address: fields.address.slice(0, 320),
    severity: judgeFailure({ ...fields, diagnostic }),
    status: statusOf({ ...fields, diagnostic }),
    diagnostic: diagnostic.slice(0, 300),
  };
}
