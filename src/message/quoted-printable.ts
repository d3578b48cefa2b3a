const HEX = Array.from({ length: 256 }, (_, byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`);

/** What fits on one line as it is: most of what is a reader's own, a dozen links and names in each mail. */
const PLAIN = /^(?!\.|From )[ -<>-~]{1,75}$/;

/**
 * Quoted-printable (RFC 2045 §6.7) of a piece of UTF-8 text: 7 bits, CRLF, lines of at most 76. The result begins at
 * the start of a line and ends with a line end, a soft one (`=` CRLF) where the text has none: so pieces can be
 * encoded apart, once, and laid end to end.
 */
export function quotedPrintable(text: string): string {
  if (PLAIN.test(text)) return `${text}=\r\n`;
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.pop()!;
  const whole = lines.map((line) => `${encodeLine(line, true)}\r\n`).join('');
  return last === '' ? whole : `${whole}${encodeLine(last, false)}=\r\n`;
}

/** A line in chunks of at most 75, joined by soft breaks. `hard`: a hard line end follows. */
function encodeLine(line: string, hard: boolean): string {
  const bytes = Buffer.from(line, 'utf8');
  let out = '';
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    // Space at the end of a line is dropped on the way (rule 3).
    const blank = (byte === 32 || byte === 9) && !(hard && index === bytes.length - 1);
    const plain = blank || (byte > 32 && byte < 127 && byte !== 61);
    const width = plain && !(length === 0 && atRisk(bytes, index)) ? 1 : 3;
    if (length + width > 75) {
      out += '=\r\n';
      length = 0;
    }
    const unit = plain && !(length === 0 && atRisk(bytes, index)) ? String.fromCharCode(byte) : HEX[byte]!;
    out += unit;
    length += unit.length;
  }
  return out;
}

/** At the start of a line: a dot that a careless server un-stuffs, a "From " that one turns into ">From " (mbox). */
function atRisk(bytes: Buffer, index: number): boolean {
  return (
    bytes[index] === 46 || (bytes[index] === 70 && bytes.toString('latin1', index, index + 5) === 'From ')
  );
}
