import type { Mailbox } from '../mail.ts';

/** Thrown when a value would break out of its header line: it is never folded through and never sent. */
export class BadHeaderValue extends Error {
  readonly field: string;
  constructor(field: string, fault: string) {
    super(`The ${field} ${fault}.`);
    this.name = 'BadHeaderValue';
    this.field = field;
  }
}

/** Refuses control characters and Unicode's line separators: CR and LF begin another header, NUL cuts one short. */
export function refuseControls(field: string, value: string): string {
  if (/[\p{Cc}\u2028\u2029]/u.test(value))
    throw new BadHeaderValue(field, 'holds a line break or a control character');
  return value.toWellFormed();
}

/**
 * One header field, folded at spaces (RFC 5322 §2.2.3), without its last CRLF. Throws BadHeaderValue for control
 * characters and for a line over 998 octets (§2.1.1), which servers cut.
 */
export function headerLine(field: string, value: string): string {
  const lines: string[] = [];
  let line = `${field}:`;
  for (const word of refuseControls(field, value).split(' ')) {
    // Never right after the name, nor a line of spaces only: some servers end the header there.
    if (line !== `${field}:` && line.trim() !== '' && line.length + 1 + word.length > 76) {
      lines.push(line);
      line = ` ${word}`;
    } else line += ` ${word}`;
  }
  lines.push(line);
  if (lines.some((one) => Buffer.byteLength(one) > 998)) throw new BadHeaderValue(field, 'is too long');
  return lines.join('\r\n');
}

/** Unstructured text (RFC 5322 §2.2.1) in 7 bits: as it is when it folds well, else wholly in encoded words. */
export function unstructured(field: string, text: string): string {
  const value = refuseControls(field, text);
  const plain =
    /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(value) &&
    !value.includes('=?') &&
    value.split(' ').every((word) => word.length <= 60);
  return plain || value === '' ? value : encodedWords(value);
}

/** A mailbox (RFC 5322 §3.4). Only a UTF-8 local part leaves 7 bits (RFC 6532): such mail needs SMTPUTF8 anyway. */
export function mailboxValue(field: string, { name, address }: Mailbox): string {
  const bare = refuseControls(field, address);
  // What would end the address and begin another: the lists were read more strictly, this is the last line.
  if (/[\s<>,;:"()]/.test(bare)) throw new BadHeaderValue(field, 'is not one plain address');
  return name === '' ? bare : `${phrase(field, name)} <${bare}>`;
}

/** A display name (RFC 5322 §3.2.5): quoted when it is short ASCII, else encoded words. */
export function phrase(field: string, name: string): string {
  const text = refuseControls(field, name);
  const plain = /^[\x20-\x7e]{1,50}$/.test(text) && !text.includes('=?');
  return plain ? `"${text.replace(/["\\]/g, '\\$&')}"` : encodedWords(text);
}

/** The letters of an encoded word that a line of 76 with the longest name, `Reply-To: `, can hold. */
const PAYLOAD = 52;

/** RFC 2047 encoded words, cut between characters (§5), in the shorter of B and Q (§4). */
function encodedWords(text: string): string {
  const letters = [...text];
  const q = letters.map(encodeQ);
  const useQ = q.join('').length <= Math.ceil(Buffer.byteLength(text) / 3) * 4;
  const words: string[] = [];
  let chunk = '';
  let size = 0;
  const end = () => {
    if (chunk !== '')
      words.push(useQ ? `=?UTF-8?Q?${chunk}?=` : `=?UTF-8?B?${Buffer.from(chunk).toString('base64')}?=`);
    chunk = '';
    size = 0;
  };
  for (const [index, letter] of letters.entries()) {
    const next = useQ ? q[index]! : letter;
    const more = Buffer.byteLength(next);
    if (size + more > (useQ ? PAYLOAD : (PAYLOAD / 4) * 3)) end();
    chunk += next;
    size += more;
  }
  end();
  return words.join(' ');
}

/** RFC 2047 §4.2 with the letters that §5 (3) allows in a phrase. */
function encodeQ(letter: string): string {
  if (/^[\w!*+/-]$/.test(letter) && letter !== '_') return letter;
  if (letter === ' ') return '_';
  return [...Buffer.from(letter)].map((byte) => `=${hex(byte)}`).join('');
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
