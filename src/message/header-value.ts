import type { Mailbox } from '../mail.ts';

/** Thrown when a value would break out of its header line: never folded through, never sent. */
export class BadHeaderValue extends Error {}

/** One header field, folded: `Name: value` without its CRLF. Refuses control characters (header injection). */
export function headerLine(name: string, value: string): string {
  return fold(`${name}: ${checked(name, value)}`);
}

/** Unstructured text (RFC 5322 §2.2.1) in 7 bits: RFC 2047 encoded words where it is not ASCII or a word is too long. */
export function unstructured(name: string, text: string): string {
  const value = checked(name, text);
  const plain =
    /^[\x20-\x7e]*$/.test(value) && !/=\?/.test(value) && value.split(' ').every((word) => word.length <= 70);
  return plain && value === value.trim() && !/ {2}/.test(value) ? value : encodedWords(value);
}

/** A mailbox (RFC 5322 §3.4); a name outside ASCII as encoded words, any other quoted. */
export function mailboxValue(name: string, mailbox: Mailbox): string {
  const display = checked(name, mailbox.name);
  const address = checked(name, mailbox.address);
  if (display === '') return address;
  const phrase =
    /^[\x20-\x7e]{1,60}$/.test(display) && !/=\?/.test(display)
      ? `"${display.replace(/["\\]/g, '\\$&')}"`
      : encodedWords(display);
  return `${phrase} <${address}>`;
}

function checked(name: string, value: string): string {
  if (/\p{Cc}|[\u2028\u2029]/u.test(value))
    throw new BadHeaderValue(`The ${name} holds a line break or a control character.`);
  return value.toWellFormed();
}

/** Encoded words of at most 75 characters, cut between characters, never within one (RFC 2047 §5). */
function encodedWords(text: string): string {
  const words: string[] = [];
  let chunk = '';
  for (const character of text) {
    if (Buffer.byteLength(chunk + character) > 42) {
      words.push(chunk);
      chunk = '';
    }
    chunk += character;
  }
  if (chunk) words.push(chunk);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

/** Folds at spaces so that lines have at most 76 characters where words allow it (RFC 5322 §2.2.3). */
function fold(line: string): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > 76 && current.trim() !== '') {
      lines.push(current);
      current = ` ${word}`;
    } else current = current === '' && lines.length === 0 ? word : `${current} ${word}`;
  }
  return [...lines, current].join('\r\n');
}
